// What others count or keep, read when Prometheus asks for it.
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '@app/platform/clock';
import { monthsAhead, SessionPool } from '@app/platform/database';
import { SigningKeys } from '../auth/signing-keys.js';
import { buildVersion } from '../build-version.js';
import { LedgerMonthsRepository } from '../ledger/ledger-reader.repository.js';
import { BREAKER_STATES, type BreakerState } from '../license-tokens/breaker.js';
import { ExpressPlay } from '../license-tokens/expressplay.js';
import { InFlight } from '../overload.js';

/** Metrics by their names, each with its help and where it is read: one value, or one for each value of a label. */
type Readings = Readonly<Record<string, readonly [help: string, read: () => Reading]>>;
type Reading = number | undefined | Readonly<Record<string, number>>;

@Injectable()
export class Gauges {
  constructor(
    registry: Registry,
    inFlight: InFlight,
    sessions: SessionPool,
    expressPlay: ExpressPlay,
    keys: SigningKeys,
    ledger: LedgerMonthsRepository,
    clock: Clock,
  ) {
    buildInfo(registry);
    // Before the ledger's months, which a scrape has Postgres asked for.
    register(registry, Gauge, ['state'], {
      entitlement_database_pool_connections: [
        'Connections to Postgres, by what they are doing.',
        () => ({ idle: sessions.state.idle, in_use: sessions.state.inUse }),
      ],
    });
    register(registry, Gauge, ['drm'], {
      entitlement_expressplay_breaker_state: [
        "Whether a DRM's service is asked: 0 closed, it is; 1 half-open, one request tries it; 2 open, it is not.",
        () => numbered(expressPlay.breakers),
      ],
    });
    register(registry, Gauge, [], {
      entitlement_http_requests_in_flight: ["Players' requests that are being worked on.", () => inFlight.count],
      entitlement_http_requests_in_flight_limit: [
        "Most players' requests that are worked on at once; more are refused as overloaded.",
        () => inFlight.limit,
      ],
      entitlement_database_pool_waiting: ['Queries that wait for a connection.', () => sessions.state.waiting],
      entitlement_database_pool_limit: [
        'Most connections that this process opens to Postgres.',
        () => sessions.state.limit,
      ],
      entitlement_expressplay_requests_in_flight: [
        'Requests to ExpressPlay that are on their way or wait for their answer.',
        () => expressPlay.load.inFlight,
      ],
      entitlement_expressplay_requests_queued: [
        'Requests to ExpressPlay that wait for a connection.',
        () => expressPlay.load.queued,
      ],
      entitlement_expressplay_connection_limit: [
        "Most connections to each DRM's service, and so most requests in flight there.",
        () => expressPlay.load.connectionLimit,
      ],
      entitlement_token_balance_paused: [
        '1 from a -2019 on until a token is bought: one request now and then tries for it, all others are refused at once.',
        () => Number(expressPlay.isBalanceExhausted),
      ],
      entitlement_signing_keys_age_seconds: [
        "Since the issuer's keys were last read; absent where keys do not grow too old, or were never read.",
        () => keys.agingSeconds,
      ],
      entitlement_ledger_months_ahead: [
        'Months after the present one that have a partition of the ledger; -1 when the present one has none.',
        () => {
          const { months } = ledger.latest() ?? {};
          return months && monthsAhead(months, clock.now());
        },
      ],
      entitlement_ledger_last_maintenance_timestamp_seconds: [
        'When ledger:maintain last left nothing undone; absent when it never did.',
        () => {
          const { maintainedAt } = ledger.latest() ?? {};
          return maintainedAt && maintainedAt.getTime() / 1000;
        },
      ],
    });
    register(registry, Counter, ['reason'], {
      entitlement_database_connections_destroyed_total: [
        'Connections to Postgres that were closed because they could not be used any more, by reason.',
        () => sessions.state.destroyed,
      ],
    });
    register(registry, Counter, ['outcome'], {
      entitlement_signing_keys_fetches_total: [
        "Times that the issuer's keys were read, or were tried to be.",
        () => keys.readings,
      ],
    });
  }
}

function numbered(breakers: Readonly<Record<string, BreakerState>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(breakers).map(([drm, state]) => [drm, BREAKER_STATES.indexOf(state)]));
}

/** Registers metrics that are read at each scrape; while one is undefined, the scrape is without it. */
function register(
  registry: Registry,
  Metric: typeof Counter<string> | typeof Gauge<string>,
  labelNames: readonly string[],
  readings: Readings,
): void {
  const [label = ''] = labelNames;
  for (const [name, [help, read]] of Object.entries(readings)) {
    const metric = new Metric({
      name,
      help,
      labelNames,
      registers: [],
      collect() {
        const reading = read();
        this.reset();
        if (typeof reading === 'number') this.inc(reading);
        else if (reading === undefined) this.remove();
        else for (const [value, count] of Object.entries(reading)) this.inc({ [label]: value }, count);
      },
    });
    registry.registerMetric(metric);
  }
}

function buildInfo(registry: Registry): void {
  const gauge = new Gauge({
    name: 'entitlement_build_info',
    help: 'Always 1; the labels say which build this is.',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  gauge.set({ version: buildVersion(), node: process.versions.node }, 1);
}

let ofProcess: Registry | undefined;

/**
 * Memory, CPU, event loop and garbage collection: prom-client's own metrics under their usual names. They watch the event
 * loop and the garbage collector and cannot be stopped, so a process has them once, however many applications it runs.
 * What they watch with does not keep a process alive.
 */
export function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}
