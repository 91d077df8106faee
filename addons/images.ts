/** The images that objects start. Pure. */

/** Every image of every container in `objects`, each once, sorted. */
export function imagesOf(objects: readonly object[]): string[] {
  return [...new Set(objects.flatMap((object) => inside(object, false)))].sort();
}

/** A text is an image when it is the field `image` of a container; pods are described in many places. */
function inside(value: unknown, isContainer: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => inside(one, isContainer));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (isContainer && key === "image" && typeof one === "string") return [one];
    return inside(one, key === "containers" || key === "initContainers");
  });
}
