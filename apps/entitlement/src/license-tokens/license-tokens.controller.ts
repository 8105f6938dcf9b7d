// POST /v1/license-tokens: unpack, call, answer.
import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import Negotiator from 'negotiator';
import { DomainError } from '@app/platform/problems';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, User } from '../auth/user.js';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import type { Drm } from '../catalog/content.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { LicenseToken, LicenseTokenRequest, ofBody } from './license-tokens.dto.js';
import { LicenseTokensService } from './license-tokens.service.js';

const URLS: Readonly<Record<Drm, string>> = {
  playready: 'https://pr.test.expressplay.com/playready/RightsManager.asmx',
  fairplay: 'https://fp.test.expressplay.com/fairplay/',
  widevine: 'https://wv.test.expressplay.com/hms/wv/rights/',
};
const TOKEN = 'AQAAAAMFnGsAAAJg';

function requestExample(summary: string, drm: Drm, more: { offline?: boolean } = {}) {
  return { summary, value: { contentId: 'sintel', drm, ...more } };
}

function bought(summary: string, drm: Drm, persistent = false) {
  return answerExample(summary, drm, '2026-11-21T10:05:00Z', {
    type: 'buy-to-own',
    endsAt: null,
    playDurationSeconds: null,
    persistent,
  });
}

function rented(summary: string, drm: Drm) {
  const persistent = drm === 'playready';
  const playDurationSeconds = persistent ? 172_800 : 172_740;
  const rights: LicenseToken['rights'] = {
    type: 'rental',
    endsAt: '2026-11-23T10:00:00Z',
    playDurationSeconds,
    persistent,
  };
  return answerExample(summary, drm, '2026-11-21T10:01:00Z', rights);
}

function answerExample(summary: string, drm: Drm, tokenExpiresAt: string, rights: LicenseToken['rights']) {
  const value: LicenseToken = {
    id: '5f0c9a52e1f24c6f8f0e4d5a7b3c2d10',
    contentId: 'sintel',
    drm,
    licenseUrl: `${URLS[drm]}?ExpressPlayToken=${TOKEN}`,
    licenseAcquisitionUrl: URLS[drm],
    token: TOKEN,
    tokenExpiresAt,
    rights,
    keys: [{ kid: '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d', tracks: [] }],
  };
  return { summary, value };
}

@Controller('v1/license-tokens')
@RequiresScope('playback')
@Tag('Licence tokens')
export class LicenseTokensController {
  constructor(private readonly licenseTokens: LicenseTokensService) {}

  /**
   * Ask for a licence token
   * @remarks Decides whether the caller may play the title now, and buys a licence token of ExpressPlay for exactly that. The first
   * token of a rental starts its clock; later ones carry what is left. With `Accept: text/uri-list` the answer is the licence URL
   * alone. A problem carries no token. Asking again is safe; after `service-unavailable`, `upstream-unavailable` or
   * `upstream-timeout` a token may have been spent, and after `service-unavailable` a clock may run.
   */
  @Post()
  @Operation({
    body: {
      description: 'What to play, and with which DRM.',
      examples: {
        playready: requestExample('PlayReady', 'playready'),
        fairplay: requestExample('FairPlay', 'fairplay'),
        widevine: requestExample('Widevine', 'widevine'),
        offline: requestExample('PlayReady, to keep on the device', 'playready', { offline: true }),
      },
    },
    answers: {
      200: {
        description: 'A token. It is in the ledger, and the clock of a rental runs.',
        headers: ['Vary'],
        schema: LicenseToken,
        examples: {
          'playready-bought': bought('PlayReady, bought', 'playready'),
          'playready-rented': rented('PlayReady, rented', 'playready'),
          'playready-offline': bought('PlayReady, bought, to keep on the device', 'playready', true),
          'fairplay-bought': bought('FairPlay, bought', 'fairplay'),
          'fairplay-rented': rented('FairPlay, rented', 'fairplay'),
          'widevine-bought': bought('Widevine, bought', 'widevine'),
          'widevine-rented': rented('Widevine, rented', 'widevine'),
        },
        // For players that take nothing but a URL.
        alternatives: {
          'text/uri-list': {
            schema: {
              type: 'string',
              description: 'The licence URL, on a line of its own (RFC 2483).',
              pattern: String.raw`^https?://\S+\r\n$`,
            },
            examples: {
              url: { summary: 'The licence URL alone', value: `${URLS.fairplay}?ExpressPlayToken=${TOKEN}\r\n` },
            },
          },
        },
      },
    },
    problems: [
      'not-entitled',
      'content-not-found',
      'not-acceptable',
      'drm-not-available',
      'offline-not-available',
      'kid-required',
      'upstream-rejected',
      'upstream-unavailable',
      'token-balance-exhausted',
      'overloaded',
      'upstream-timeout',
    ],
  })
  @HttpCode(200)
  async issueLicenseToken(
    @CurrentUser() user: User,
    @Body() body: LicenseTokenRequest,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LicenseToken | string> {
    const mediaType = acceptedMediaType(accept);
    const answer = await this.licenseTokens.issue({
      userId: user.id,
      ...ofBody(body),
      requestId: request.id,
      facts: request.facts,
      budget: request.budget,
    });
    void reply.header('Vary', 'Accept').type(mediaType);
    return mediaType === 'text/uri-list' ? `${answer.licenseUrl}\r\n` : answer;
  }
}

const MEDIA_TYPES = ['application/json', 'text/uri-list'] as const;

/** A media type that a token is answered in: JSON, or, for players that take nothing else, the licence URL alone. */
export type TokenMediaType = (typeof MEDIA_TYPES)[number];

/** A parameter of a media range, but for a weight (RFC 9110, 12.4.2): no answer here differs by one. */
const OTHER_PARAMETER = /;(?![ \t]*q=(?:0?\.\d+|0\.?|1(?:\.0*)?)[ \t]*(?:[;,]|$))(?:"(?:[^"\\]|\\.)*"?|[^",;])*/gi;

/**
 * @param accept the request's `Accept` header; without one, or without a media range in it, it is JSON
 * @throws DomainError `not-acceptable` when neither is taken
 */
export function acceptedMediaType(accept = ''): TokenMediaType {
  const ranges = accept.replace(OTHER_PARAMETER, '');
  const headers = { accept: ranges.includes('/') ? ranges : '*/*' };
  const chosen = new Negotiator({ headers }).mediaType([...MEDIA_TYPES]);
  const mediaType = MEDIA_TYPES.find((type) => type === chosen);
  if (mediaType === undefined)
    throw new DomainError('not-acceptable', `This address answers in ${MEDIA_TYPES.join(' or ')}.`);
  return mediaType;
}
