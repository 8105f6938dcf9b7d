// Which build runs, on which Node.
import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { buildVersion } from '../build-version.js';

@Injectable()
export class BuildMetrics {
  constructor(registry: Registry) {
    const gauge = new Gauge({
      name: 'entitlement_build_info',
      help: 'Always 1; the labels say which build this is.',
      labelNames: ['version', 'node'],
      registers: [registry],
    });
    gauge.set({ version: buildVersion(), node: process.versions.node }, 1);
  }
}
