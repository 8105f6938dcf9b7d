// POST /v1/license-tokens, for the API's document.
import { CONTENT_ID_FIELD, DRM_FIELD } from '../catalog/catalog.fields.js';
import type { Drm } from '../catalog/drm.js';
import { ISSUANCE_ID } from '../openapi/headers.js';
import type { Example, OperationDescription } from '../openapi/operation.js';
import { flag, moment, NamedSchema, nullable, objectOf, oneOf, text, whole } from '../openapi/schema.js';
import { PURCHASE_TYPES } from '../purchases/purchase-order.js';
import type { LicenseToken } from './license-token.js';

const RIGHTS = new NamedSchema(
  'LicenseRights',
  objectOf<LicenseToken['rights']>('What the licence will allow.', {
    type: oneOf('Bought or rented.', PURCHASE_TYPES),
    endsAt: nullable(moment('When playing ends; null for what was bought.')),
    playDurationSeconds: nullable(
      whole(
        'For a rental, the seconds its licence is asked for: what is left; for FairPlay and Widevine less the life of the token.',
        { minimum: 1 },
      ),
    ),
    persistent: flag('Whether the licence may be stored on the device.'),
  }),
);

const LICENSE_TOKEN = new NamedSchema(
  'LicenseToken',
  objectOf<LicenseToken>('A licence token, of the same shape for every DRM.', {
    id: ISSUANCE_ID,
    contentId: CONTENT_ID_FIELD,
    drm: DRM_FIELD,
    licenseUrl: text('Give this to the player: it contains the token.', { format: 'uri' }),
    licenseAcquisitionUrl: text('The licence URL without the token, for players that join the two.', { format: 'uri' }),
    token: text('The token, for players that join the two.', { minLength: 1 }),
    tokenExpiresAt: moment(
      'Redeem the token before; ask again rather than keep it. For a rental a minute after the decision at most.',
    ),
    rights: RIGHTS,
  }),
);

const URLS: Readonly<Record<Drm, string>> = {
  playready: 'https://pr.test.expressplay.com/playready/RightsManager.asmx',
  fairplay: 'https://fp.test.expressplay.com/fairplay/',
  widevine: 'https://wv.test.expressplay.com/hms/wv/rights/',
};

const OWNED: LicenseToken['rights'] = {
  type: 'buy-to-own',
  endsAt: null,
  playDurationSeconds: null,
  persistent: false,
};
const KEPT: LicenseToken['rights'] = { ...OWNED, persistent: true };

function rented(drm: Drm): LicenseToken['rights'] {
  const persistent = drm === 'playready';
  const playDurationSeconds = persistent ? 172_800 : 172_740;
  return { type: 'rental', endsAt: '2026-11-23T10:00:00Z', playDurationSeconds, persistent };
}

function answer(summary: string, drm: Drm, rights: LicenseToken['rights']): Example {
  const [url, token] = [URLS[drm], 'AQAAAAMFnGsAAAJg'];
  const value: LicenseToken = {
    id: '5f0c9a52e1f24c6f8f0e4d5a7b3c2d10',
    contentId: 'sintel',
    drm,
    licenseUrl: `${url}?ExpressPlayToken=${token}`,
    licenseAcquisitionUrl: url,
    token,
    tokenExpiresAt: rights.type === 'rental' ? '2026-11-21T10:01:00Z' : '2026-11-21T10:05:00Z',
    rights,
  };
  return { summary, value };
}

function request(summary: string, drm: Drm, offline?: boolean): Example {
  return { summary, value: { contentId: 'sintel', drm, ...(offline === undefined ? {} : { offline }) } };
}

/** For players that take nothing but a URL. */
const URI_LIST = text('The licence URL, on a line of its own (RFC 2483).', { pattern: String.raw`^https?://\S+\r\n$` });

export const ISSUE_LICENSE_TOKEN: OperationDescription = {
  id: 'issueLicenseToken',
  tag: 'Licence tokens',
  summary: 'Ask for a licence token',
  description:
    'Decides whether the caller may play the title now, and buys a licence token of ExpressPlay for exactly that. ' +
    'The first token of a rental starts its clock; later ones carry what is left. With `Accept: text/uri-list` the answer is the licence URL alone. ' +
    'A problem carries no token. Asking again is safe; after `service-unavailable`, `upstream-unavailable` or `upstream-timeout` a token may have been spent, and after `service-unavailable` a clock may run.',
  body: {
    description: 'What to play, and with which DRM.',
    examples: {
      playready: request('PlayReady', 'playready'),
      fairplay: request('FairPlay', 'fairplay'),
      widevine: request('Widevine', 'widevine'),
      offline: request('PlayReady, to keep on the device', 'playready', true),
    },
  },
  answers: {
    200: {
      description: 'A token. It is in the ledger, and the clock of a rental runs.',
      headers: ['Vary'],
      content: {
        'application/json': {
          schema: LICENSE_TOKEN,
          examples: {
            'playready-bought': answer('PlayReady, bought', 'playready', OWNED),
            'playready-rented': answer('PlayReady, rented', 'playready', rented('playready')),
            'playready-offline': answer('PlayReady, bought, to keep on the device', 'playready', KEPT),
            'fairplay-bought': answer('FairPlay, bought', 'fairplay', OWNED),
            'fairplay-rented': answer('FairPlay, rented', 'fairplay', rented('fairplay')),
            'widevine-bought': answer('Widevine, bought', 'widevine', OWNED),
            'widevine-rented': answer('Widevine, rented', 'widevine', rented('widevine')),
          },
        },
        'text/uri-list': {
          schema: URI_LIST,
          examples: {
            url: { summary: 'The licence URL alone', value: `${URLS.fairplay}?ExpressPlayToken=AQAAAAMFnGsAAAJg\r\n` },
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
    'upstream-rejected',
    'upstream-unavailable',
    'token-balance-exhausted',
    'overloaded',
    'upstream-timeout',
  ],
};
