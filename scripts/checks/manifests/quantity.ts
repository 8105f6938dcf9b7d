// Kubernetes' quantities: `500m`, `2`, `512Mi`.

const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** As a number of cores or bytes. @throws Error for what is no quantity */
export function quantity(text: string | number): number {
  const [, digits = '', suffix = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(text)) ?? [];
  const factor = SUFFIXES[suffix];
  if (digits === '' || factor === undefined) throw new Error(`${text} is no quantity`);
  return Number(digits) * factor;
}
