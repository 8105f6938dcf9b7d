// How well the issuer's keys can be read.
import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { SigningKeys } from '../auth/signing-keys.js';
import { figure } from './figure.js';

@Injectable()
export class SigningKeyMetrics {
  constructor(registry: Registry, keys: SigningKeys) {
    const fetches = new Counter({
      name: 'entitlement_signing_keys_fetches_total',
      help: "Times that the issuer's keys were read, or were tried to be.",
      labelNames: ['outcome'],
      registers: [],
      // Counted by the keys themselves: the first reading of a file comes before anybody could listen.
      collect() {
        this.reset();
        this.inc({ outcome: 'ok' }, keys.readings.ok);
        this.inc({ outcome: 'error' }, keys.readings.error);
      },
    });
    registry.registerMetric(fetches);
    figure(
      registry,
      'entitlement_signing_keys_age_seconds',
      "Since the issuer's keys were last read; absent where keys do not grow too old, or were never read.",
      () => keys.agingSeconds,
    );
  }
}
