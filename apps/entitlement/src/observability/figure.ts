// Figures that somebody else keeps, read when they are asked for.
import { Gauge, type Registry } from 'prom-client';

/** Registers a gauge that is read at each scrape; while it is undefined, the scrape is without it. */
export function figure(registry: Registry, name: string, help: string, read: () => number | undefined): void {
  const gauge = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      const value = read();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
  registry.registerMetric(gauge);
}
