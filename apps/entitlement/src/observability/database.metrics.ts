// What the connections to Postgres are busy with.
import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { SessionPool } from '@app/platform/database';
import { figure } from './figure.js';

@Injectable()
export class DatabaseMetrics {
  constructor(registry: Registry, sessions: SessionPool) {
    const connections = new Gauge({
      name: 'entitlement_database_pool_connections',
      help: 'Connections to Postgres, by what they are doing.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { idle, inUse } = sessions.figures;
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'in_use' }, inUse);
      },
    });
    registry.registerMetric(connections);
    const destroyed = new Counter({
      name: 'entitlement_database_connections_destroyed_total',
      help: 'Connections to Postgres that were closed because they could not be used any more, by reason.',
      labelNames: ['reason'],
      registers: [],
      collect() {
        this.reset();
        for (const [reason, count] of Object.entries(sessions.figures.destroyed)) this.inc({ reason }, count);
      },
    });
    registry.registerMetric(destroyed);
    figure(
      registry,
      'entitlement_database_pool_waiting',
      'Queries that wait for a connection.',
      () => sessions.figures.waiting,
    );
    figure(
      registry,
      'entitlement_database_pool_limit',
      'Most connections that this process opens to Postgres.',
      () => sessions.figures.limit,
    );
  }
}
