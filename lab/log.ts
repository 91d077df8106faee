/** Progress for people, on standard error: plain lines, and on a terminal one moving line for what is under way. */

/** Where the lab says what it does. */
export interface Log {
  /** One line that stays. */
  line(text: string): void;
  /** Shows `what` with the time it takes, on a terminal only, while `work` runs. */
  during<T>(what: string, work: () => Promise<T>): Promise<T>;
}

/** A log on `stream`; the moving line appears only where somebody can see it move. */
export function createLog(stream: NodeJS.WriteStream = process.stderr): Log {
  const underWay = new Map<symbol, { what: string; since: number }>();
  let timer: NodeJS.Timeout | undefined;

  const erase = () => {
    if (stream.isTTY) stream.write("\r\x1b[K");
  };
  const draw = () => {
    const parts = [...underWay.values()].map(({ what, since }) => `${what} ${seconds(since)}`);
    erase();
    if (parts.length > 0) stream.write(`… ${parts.join(" · ")}`.slice(0, (stream.columns ?? 80) - 1));
  };

  return {
    line(text) {
      erase();
      stream.write(`${text}\n`);
    },
    async during(what, work) {
      const key = Symbol(what);
      underWay.set(key, { what, since: Date.now() });
      if (stream.isTTY) timer ??= setInterval(draw, 500).unref();
      try {
        return await work();
      } finally {
        underWay.delete(key);
        if (underWay.size === 0) {
          clearInterval(timer);
          timer = undefined;
          erase();
        }
      }
    },
  };
}

/** The time since `start` (milliseconds of Date.now) as people read it: `12 s`, `0.4 s`. */
export function seconds(start: number): string {
  const passed = (Date.now() - start) / 1000;
  return `${passed < 10 ? passed.toFixed(1) : Math.round(passed)} s`;
}
