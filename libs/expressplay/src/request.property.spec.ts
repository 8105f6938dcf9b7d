import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRequests, byName, intendedParameters, NOW, validRequests } from '../test-support/testing.js';
import { AUTHENTICATOR } from '../test-support/requests.js';
import { InvalidTokenRequestError, type TokenRequest } from './index.js';
import { checkTokenRequest, encodeForm, tokenParameters } from './request.js';

/** Reads a form by the letter of the URL standard, with nothing that wrote it. */
const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));

const decodeForm = (form: string): string[][] => form.split('&').map((pair) => pair.split('=').map(decode));

const sent = (request: TokenRequest, useHttps: boolean): string =>
  encodeForm(tokenParameters(request, { customerAuthenticator: AUTHENTICATOR, useHttps })).toString('latin1');

describe('any valid request', () => {
  it('is found valid, and its form decodes to exactly what was intended', () => {
    fc.assert(
      fc.property(validRequests, fc.boolean(), (request, useHttps) => {
        checkTokenRequest(request, NOW);
        const form = sent(request, useHttps);
        expect(form).toMatch(/^[\w.*+%&=-]+$/);
        expect(byName(decodeForm(form))).toEqual(intendedParameters(request, AUTHENTICATOR, useHttps));
      }),
      { numRuns: 500 },
    );
  });
});

describe('any request at all', () => {
  it('is refused with an error of ours, or decodes to exactly what was intended', () => {
    const met = { refused: 0, sent: 0 };
    fc.assert(
      fc.property(anyRequests, (request) => {
        try {
          checkTokenRequest(request, NOW);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidTokenRequestError);
          met.refused += 1;
          return;
        }
        met.sent += 1;
        expect(byName(decodeForm(sent(request, true)))).toEqual(intendedParameters(request, AUTHENTICATOR, true));
      }),
      { numRuns: 1000 },
    );
    // The property says something of either outcome only as long as both are met.
    expect(Math.min(met.refused, met.sent)).toBeGreaterThan(0);
  });
});
