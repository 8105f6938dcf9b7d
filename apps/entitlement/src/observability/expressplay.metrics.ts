// What ExpressPlay answers, and what the connections to it are busy with.
import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { classifyRefusal, ExpressPlayClient, RefusedError } from '@app/expressplay';
import { DRMS } from '../catalog/drm.js';
import { answerCode } from '../license-tokens/answer-code.js';
import { AuthenticatorFallbacks } from '../license-tokens/authenticator-fallbacks.js';
import { TokenEvents } from '../license-tokens/token-events.js';
import { figure } from './figure.js';

@Injectable()
export class ExpressPlayMetrics {
  constructor(registry: Registry, events: TokenEvents, fallbacks: AuthenticatorFallbacks, client: ExpressPlayClient) {
    countAnswers(registry, events);
    countFallbacks(registry, fallbacks);
    figure(
      registry,
      'entitlement_expressplay_requests_in_flight',
      'Requests to ExpressPlay that are on their way or wait for their answer.',
      () => client.load.inFlight,
    );
    figure(
      registry,
      'entitlement_expressplay_requests_queued',
      'Requests to ExpressPlay that wait for a connection.',
      () => client.load.queued,
    );
    figure(
      registry,
      'entitlement_expressplay_connection_limit',
      'Most connections to ExpressPlay, and so most requests in flight there.',
      () => client.load.connectionLimit,
    );
  }
}

function countAnswers(registry: Registry, events: TokenEvents): void {
  const answers = new Counter({
    name: 'entitlement_expressplay_answers_total',
    help: 'What came of the requests to ExpressPlay: ok, its event code, or why there was no readable answer.',
    labelNames: ['drm', 'code'],
    registers: [registry],
  });
  const exhausted = new Counter({
    name: 'entitlement_token_balance_exhausted_total',
    help: 'Requests that ExpressPlay refused because the account has no tokens left (-2019).',
    registers: [registry],
  });
  for (const drm of DRMS) answers.inc({ drm, code: 'ok' }, 0);
  events.subscribe((event) => {
    if (event.kind !== 'answered') return;
    const { service: drm, error } = event.answer;
    answers.inc({ drm, code: answerCode(error) });
    if (error instanceof RefusedError && classifyRefusal(error).class === 'balance') exhausted.inc();
  });
}

function countFallbacks(registry: Registry, fallbacks: AuthenticatorFallbacks): void {
  const counter = new Counter({
    name: 'entitlement_authenticator_fallbacks_total',
    help: 'Requests refused for their authenticator (-2018) that were sent once more with another.',
    labelNames: ['rejected', 'tried', 'outcome'],
    registers: [registry],
  });
  for (const rejected of ['first', 'second']) {
    for (const tried of ['first', 'second']) {
      for (const outcome of ['accepted', 'rejected', 'failed']) counter.inc({ rejected, tried, outcome }, 0);
    }
  }
  fallbacks.subscribe(({ rejected, tried, outcome }) => counter.inc({ rejected, tried, outcome }));
}
