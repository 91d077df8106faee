/** As much of JSON Schema as the schemas in docs/ use: what does not fit, each with its path. */
export function fits(schema: any, value: any, root = schema, path = "$"): string[] {
  if (schema.$ref) return fits(root.$defs[schema.$ref.replace("#/$defs/", "")], value, root, path);
  const wrong = (what: string) => [`${path}: ${what}`];
  if (schema.oneOf) {
    const tries = schema.oneOf.map((one: any) => fits(one, value, root, path));
    return tries.some((found: string[]) => found.length === 0) ? [] : wrong(`fits none of ${JSON.stringify(tries)}`);
  }
  if (schema.const !== undefined) return value === schema.const ? [] : wrong(`is not ${schema.const}`);
  if (schema.enum) return schema.enum.includes(value) ? [] : wrong(`${value} is none of ${schema.enum}`);
  if (schema.type === "array") {
    if (!Array.isArray(value)) return wrong("is no list");
    return value.flatMap((item, i) => fits(schema.items ?? {}, item, root, `${path}[${i}]`));
  }
  if (schema.type === "object") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("is no object");
    const missing = (schema.required ?? []).filter((key: string) => !(key in value));
    return [
      ...missing.flatMap((key: string) => wrong(`has no ${key}`)),
      ...Object.entries(value).flatMap(([key, item]) => {
        const known = schema.properties?.[key] ?? (schema.properties ? schema.additionalProperties : {});
        return known ? fits(known, item, root, `${path}.${key}`) : wrong(`has ${key}`);
      }),
    ];
  }
  if (schema.type === "integer") return Number.isInteger(value) ? [] : wrong("is no whole number");
  if (schema.type === undefined) return [];
  return typeof value === schema.type ? [] : wrong(`is no ${schema.type}`);
}
