// Reports every answer that a server gives, for counting them: those of routes, and those to what no route ever saw.
import type { ServerResponse } from 'node:http';
import { codeOfStatus, describeError, problemOf, type ProblemCode } from '@app/platform/problems';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { patternOf } from './routes.js';

/** How a request ended; `aborted` when its connection did before the answer was whole. */
export type AnswerOutcome = 'ok' | 'aborted' | ProblemCode;

/** A request that has been answered, or never will be. */
export interface Answered {
  /** The route's pattern, such as `/v1/contents/:id`; undefined when there is none on the listener that was asked. */
  readonly route: string | undefined;
  /** Undefined when what came could not be read as a request. */
  readonly method: string | undefined;
  readonly outcome: AnswerOutcome;
  /** From the end of the request's headers to the end of the answer; undefined when there were no headers. */
  readonly seconds: number | undefined;
  /** The request and Node's side of its answer, where there was one. */
  readonly request?: FastifyRequest;
  readonly response?: ServerResponse;
}

/** The answers of one application, on all its listeners. */
export class Answers {
  readonly #listeners = new Set<(answered: Answered) => void>();
  readonly #log = new Logger(Answers.name);
  readonly #unreadable = new WeakMap<ServerResponse, ProblemCode>();

  /** Calls `listener` with every answer from now on, until the answer is called. */
  subscribe(listener: (answered: Answered) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches the requests of an instance. Add it before whatever may answer them. */
  watch(instance: FastifyInstance): void {
    instance.decorateRequest('facts');
    instance.addHook('onRequest', (request, { raw: response }, done) => {
      request.facts = {};
      const begun = performance.now();
      const route = patternOf(request);
      response.once('close', () => {
        const seconds = (performance.now() - begun) / 1000;
        const outcome = this.outcomeOf(response);
        this.#report({ route, method: request.method, outcome, seconds, request, response });
      });
      done();
    });
  }

  /**
   * Something that is not HTTP was answered, past every route.
   * @param response what was being answered when it came, if anything was: then it is the end of that request
   */
  unreadable(code: ProblemCode, response?: ServerResponse | null): void {
    if (response) this.#unreadable.set(response, code);
    else this.#report({ route: undefined, method: undefined, outcome: code, seconds: undefined });
  }

  /** How a request ended that is over. */
  outcomeOf(response: ServerResponse): AnswerOutcome {
    const unreadable = this.#unreadable.get(response);
    if (unreadable !== undefined) return unreadable;
    if (!response.writableFinished) return 'aborted';
    return problemOf(response) ?? (response.statusCode < 400 ? 'ok' : codeOfStatus(response.statusCode));
  }

  /** Drops what a listener throws: whoever answered has work of its own, or nobody above it. */
  #report(answered: Answered): void {
    for (const listener of this.#listeners) {
      try {
        listener(answered);
      } catch (error) {
        this.#log.error({ err: describeError(error) }, 'a listener to answers failed');
      }
    }
  }
}
