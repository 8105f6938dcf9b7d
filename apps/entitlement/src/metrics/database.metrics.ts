// What the connections to Postgres are busy with.
import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { DatabasePool } from '@app/database';
import { figure } from './figure.js';

@Injectable()
export class DatabaseMetrics {
  constructor(registry: Registry, database: DatabasePool) {
    const connections = new Gauge({
      name: 'entitlement_database_pool_connections',
      help: 'Connections to Postgres, by what they are doing.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { idle, inUse } = database.pool;
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'in_use' }, inUse);
      },
    });
    registry.registerMetric(connections);
    figure(
      registry,
      'entitlement_database_pool_waiting',
      'Queries that wait for a connection.',
      () => database.pool.waiting,
    );
    figure(
      registry,
      'entitlement_database_pool_limit',
      'Most connections that this process opens to Postgres.',
      () => database.pool.limit,
    );
  }
}
