// The API's types, generated from docs/openapi.json: npm run openapi:write.

export interface paths {
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the process's metrics
     * @description In the text format of Prometheus, 0.0.4.
     *
     *     No bearer token is needed.
     */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/contents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the titles
     * @description All titles of the catalogue, by id. Ask until `nextCursor` is null.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['listContents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/contents/{contentId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a title
     * @description What the catalogue says of a title.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['getContent'];
    /**
     * Make or change a title
     * @description Says all of a title but its keys: an optional field that is left out is null from then on. `kid` and `iv` are of its first key; of a title with several, `kid` can only be the one it has. A change is in force when it is answered. A `PUT` that changes nothing leaves the version as it is.
     *
     *     Needs the scope `catalog:write`.
     */
    put: operations['putContent'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/contents/{contentId}/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See a title's keys
     * @description KIDs, what each is for, and where each key comes from. The keys themselves are never answered. The ETag is the title's.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['getContentKeys'];
    /**
     * Give a title its keys
     * @description Says all keys of a title: one that is left out is gone. Each is given in one of the ways of a single key; without any, a KID that the title has keeps its key, and another waits for it. A CPIX document (DASH-IF, 2.0 to 2.4) says the same: its usage rules are the tracks, its `commonEncryptionScheme` is the title's, and its keys are in the clear or wrapped (`kw-aes128`) under the KEK that `KeyName` names. When one key is refused, none is taken. ETag and If-Match are the title's.
     *
     *     Needs the scope `catalog:write`.
     */
    put: operations['putContentKeys'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/contents/{contentId}/key': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See where a title's key comes from
     * @description Its first, where it has several. The key itself is never answered. The ETag is the title's.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['getContentKey'];
    /**
     * Give a title its only key
     * @description For a title with one key; a `PUT` of `keys` is for all. In exactly one of three ways: `key` in the clear, which is wrapped at once under the newest KEK and not kept; `ek` with `kekId`, wrapped under a KEK that the service has; or `keyStorage`, for a key that is in ExpressPlay's key storage. A changed key is a change of the title: ETag and If-Match are the title's.
     *
     *     Needs the scope `catalog:write`.
     */
    put: operations['putContentKey'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/output-policies': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the output policies
     * @description All output policies, by name. Ask until `nextCursor` is null.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['listOutputPolicies'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/output-policies/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read an output policy
     * @description What an output policy says.
     *
     *     Needs the scope `catalog:write`.
     */
    get: operations['getOutputPolicy'];
    /**
     * Make or change an output policy
     * @description Says all of a policy: an optional field that is left out is null or empty from then on. A changed policy holds for every title that names it, from the next token on.
     *
     *     Needs the scope `catalog:write`.
     */
    put: operations['putOutputPolicy'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/purchases/batch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Record any number of sales and rentals
     * @description Lines of JSON in, lines of JSON out: a line of the body is reported once it is committed. The rules are those of the `PUT`, and the order of the lines counts. What would be a problem there is the line's `error` here, and does not stop the others. Lines have at most 64 KiB; the body may be of any length. **Read the answer while you send**: a batch goes on only as fast as its report is read. The last line is the `summary`; without one, or with `complete: false`, resume after `lastLine`, with `firstLine`. With `dryRun=true` all is checked and reported as if it were written, about a thousand lines at a time, and nothing is written.
     *
     *     Needs the scope `purchases:write`.
     */
    post: operations['importPurchases'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/purchases/{externalId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a purchase
     * @description The purchase as it stands.
     *
     *     Needs the scope `purchases:write`.
     */
    get: operations['getPurchase'];
    /**
     * Record a sale or a rental, or a change of it
     * @description Events may come late, twice and in any order; `version` puts them right. `outcome` is `created`, `updated`, `unchanged` (the same version with the same content) or `stale` (a lower version). The same version with other content is 409, and so is another user, title or type for a rental that has been started. A first play is never touched.
     *
     *     Needs the scope `purchases:write`.
     */
    put: operations['putPurchase'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/purchases/{externalId}/revocation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take a purchase back
     * @description For a refund, say. Revocations and reinstatements of a purchase share one sequence of versions, which is not that of the order. It holds from its arrival on; `revokedAt` is for the record.
     *
     *     Needs the scope `purchases:write`.
     */
    post: operations['revokePurchase'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/purchases/{externalId}/reinstatement': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a purchase back
     * @description Undoes a revocation; a rental's first play stays what it was.
     *
     *     Needs the scope `purchases:write`.
     */
    post: operations['reinstatePurchase'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/purchases/{externalId}/first-play-reset': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take a rental's first play back
     * @description For customer support. The next token starts the rental's clock again; licences that were issued before keep what they have. The same `id` resets a purchase once, however often it is sent. The ledger holds who did it, when and why.
     *
     *     Needs the scope `purchases:write`.
     */
    post: operations['resetFirstPlay'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/entitlements': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what may be played
     * @description The titles that the caller may play now: those they own, and live rentals. No token is spent and no clock is started. Ask until `nextCursor` is null.
     *
     *     Needs the scope `playback`.
     */
    get: operations['listEntitlements'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/entitlements/{contentId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See whether a title may be played
     * @description Whether the caller may play the title now. No token is spent and no clock is started.
     *
     *     Needs the scope `playback`.
     */
    get: operations['getEntitlement'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/license-tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask for a licence token
     * @description Decides whether the caller may play the title now, and buys a licence token of ExpressPlay for exactly that. The first token of a rental starts its clock; later ones carry what is left. With `Accept: text/uri-list` the answer is the licence URL alone. A problem carries no token. Asking again is safe; after `service-unavailable`, `upstream-unavailable` or `upstream-timeout` a token may have been spent, and after `service-unavailable` a clock may run.
     *
     *     Needs the scope `playback`.
     */
    post: operations['issueLicenseToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the process lives
     * @description Nothing else is asked, so that a database outage restarts nobody.
     *
     *     No bearer token is needed.
     */
    get: operations['getLiveness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether to send players here
     * @description The database answers, its migrations are applied, the signing keys have been read, and no shutdown is under way. ExpressPlay being in trouble changes nothing, since all processes ask the same one: `breakers` say which DRM's service is not asked at the moment.
     *
     *     No bearer token is needed.
     */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/startup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the service has started
     * @description The database answers, its migrations are applied, and the signing keys have been read.
     *
     *     No bearer token is needed.
     */
    get: operations['getStartup'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/admin/issuances': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the ledger
     * @description The rows that meet all of what is given, the newest first. Ask until `nextCursor` is null.
     *
     *     Needs the scope `ledger:read`.
     */
    get: operations['listIssuances'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    AdditionalParameterRequest: {
      /** @description No name that ExpressPlay's published tables list or that names a key. */
      name: string;
      /** @description Sent as it is. */
      value: string;
      /**
       * @description The one DRM it is for; without it, every DRM.
       * @enum {string|null}
       */
      drm?: 'playready' | 'fairplay' | 'widevine' | null;
    };
    /** @description A process that can answer this lives. */
    Alive: {
      /** @constant */
      status: 'ok';
    };
    /** @description A title. */
    Content: {
      /** @description The title. */
      id: string;
      /** @description The key id (KID) of its first key; null while it has no keys. */
      kid: string | null;
      /** @description FairPlay's content encryption IV of that key; without it the key is not for FairPlay. */
      iv: string | null;
      /** @description The name of its output policy. */
      outputPolicy: string;
      /** @description Counts the changes of the title and of its keys. */
      version: number;
      /** @description Its name, for people. */
      title: string;
      /**
       * Format: date-time
       * @description The first moment it may be played.
       */
      availableFrom: string | null;
      /**
       * Format: date-time
       * @description The first moment it may no longer be played.
       */
      withdrawnAt: string | null;
      /**
       * @description How the media is encrypted.
       * @enum {string}
       */
      protectionScheme: 'cenc' | 'cbcs';
      key: components['schemas']['ContentKey'];
      /** @description Its keys. */
      keys: components['schemas']['TrackKey'][];
    };
    /** @description Where a key comes from; both are null while it is not there. Never the key. */
    ContentKey: {
      /**
       * @description Wrapped, in the service's database, or left with ExpressPlay's key storage.
       * @enum {string|null}
       */
      source: 'wrapped' | 'key-storage' | null;
      /** @description The key-encryption key (KEK) it is wrapped under. */
      kekId: string | null;
    };
    ContentKeyRequest: {
      /** @description The content key itself, 16 bytes. */
      key?: string | null;
      /** @description The content key wrapped (RFC 3394) under the KEK that `kekId` names, 24 bytes. */
      ek?: string | null;
      /** @description The KEK that `ek` is wrapped under. */
      kekId?: string | null;
      /** @description The key is in ExpressPlay's key storage. */
      keyStorage?: components['schemas']['KeyStorageRequest'] | null;
    };
    /** @description All keys of a title. */
    ContentKeys: {
      /**
       * @description How the media is encrypted.
       * @enum {string}
       */
      protectionScheme: 'cenc' | 'cbcs';
      /** @description The keys. */
      keys: components['schemas']['TrackKey'][];
    };
    ContentKeysRequest: {
      /** @description The keys; the first is that of players and packagers that know one key. */
      keys: components['schemas']['TrackKeyRequest'][];
      /**
       * @description How the media is encrypted; without it that stays as it is.
       * @enum {string|null}
       */
      protectionScheme?: 'cenc' | 'cbcs' | null;
    };
    ContentRequest: {
      /** @description Its name, for people. */
      title: string;
      /** @description The key id (KID) of its first key; no two keys have the same. Without it a new title has no keys yet, and others keep theirs. */
      kid?: string | null;
      /** @description FairPlay's content encryption IV of that key; without it the key is not for FairPlay. */
      iv?: string | null;
      /** @description The name of its output policy. */
      outputPolicy: string;
      /**
       * Format: date-time
       * @description The first moment it may be played.
       */
      availableFrom?: string | null;
      /**
       * Format: date-time
       * @description The first moment it may no longer be played.
       */
      withdrawnAt?: string | null;
      /**
       * @description How the media is encrypted; without it that stays as it is, `cenc` for a new title.
       * @enum {string|null}
       */
      protectionScheme?: 'cenc' | 'cbcs' | null;
    };
    /** @description A page of titles, by id. */
    ContentsPage: {
      /** @description The titles. */
      contents: components['schemas']['Content'][];
      /** @description Asks for the page after this one, as `cursor`; null on the last page. */
      nextCursor: string | null;
    };
    /** @description The caller may play the title now. */
    Entitled: {
      /** @description The title. */
      contentId: string;
      /** @constant */
      entitled: true;
      rights: components['schemas']['StandingRights'];
    };
    /** @description Whether the caller may play the title now, with what rights, or why not. */
    Entitlement: components['schemas']['Entitled'] | components['schemas']['NotEntitled'];
    /** @description A page of titles, by content id. */
    EntitlementsPage: {
      /** @description There may be fewer than `limit`, even none, and another page. */
      entitlements: components['schemas']['PlayableTitle'][];
      /** @description Asks for the page after this one, as `cursor`; null on the last page. */
      nextCursor: string | null;
    };
    ExtensionRequest: {
      /** @description 4 letters or digits, ExpressPlay's `extensionType`. */
      type: string;
      /** @description Base64, ExpressPlay's `extensionPayload`. */
      payload: string;
      /**
       * @description The DRM it is for.
       * @enum {string}
       */
      drm: 'playready' | 'fairplay' | 'widevine';
    };
    /** @description One thing that is wrong with one field. */
    FieldError: {
      /** @description A path such as `widevine.hdcp`; empty when the body as a whole is wrong. */
      field: string;
      /** @description What the field must be, for people. It never repeats a value. */
      message: string;
    };
    /** @description What became of the event, and the purchase as it is now. */
    FirstPlayResetAnswer: {
      /** @description The store's own id of the purchase; not `.` or `..`. */
      externalId: string;
      /**
       * @description What became of the event.
       * @enum {string}
       */
      outcome: 'updated' | 'unchanged';
      purchase: components['schemas']['Purchase'];
    };
    FirstPlayResetRequest: {
      /** @description The caller's own id of this reset. */
      id: string;
      /** @description Why, for people. */
      reason: string;
    };
    /** @description How the parts of the service are. */
    HealthReport: {
      /**
       * @description All in one word.
       * @enum {string}
       */
      status: 'ok' | 'error' | 'shutting_down';
      /** @description The parts that work. */
      info: {
        [key: string]: {
          /**
           * @description Whether it works.
           * @enum {string}
           */
          status: 'up' | 'down';
          /** @description What is wrong, for people. */
          message?: string;
          /** @description Of ExpressPlay: whether each DRM's service is asked (`closed`), tried (`half-open`) or left alone (`open`). */
          breakers?: {
            [key: string]: 'closed' | 'half-open' | 'open';
          };
        };
      };
      /** @description The parts that do not. */
      error: {
        [key: string]: {
          /**
           * @description Whether it works.
           * @enum {string}
           */
          status: 'up' | 'down';
          /** @description What is wrong, for people. */
          message?: string;
          /** @description Of ExpressPlay: whether each DRM's service is asked (`closed`), tried (`half-open`) or left alone (`open`). */
          breakers?: {
            [key: string]: 'closed' | 'half-open' | 'open';
          };
        };
      };
      /** @description All parts. */
      details: {
        [key: string]: {
          /**
           * @description Whether it works.
           * @enum {string}
           */
          status: 'up' | 'down';
          /** @description What is wrong, for people. */
          message?: string;
          /** @description Of ExpressPlay: whether each DRM's service is asked (`closed`), tried (`half-open`) or left alone (`open`). */
          breakers?: {
            [key: string]: 'closed' | 'half-open' | 'open';
          };
        };
      };
    };
    /** @description A line of the report. */
    ImportReportLine:
      | {
          /** @description The number of the line. */
          line: number;
          /** @description The store's own id of the purchase. */
          externalId: string;
          /**
           * @description What became of it.
           * @enum {string}
           */
          outcome: 'created' | 'updated' | 'unchanged' | 'stale';
        }
      | {
          /** @description The number of the line. */
          line: number;
          /** @constant */
          outcome: 'error';
          /** @description The store's own id of the purchase. */
          externalId?: string;
          /** @description Everything that is wrong, by field. */
          errors: components['schemas']['FieldError'][];
        }
      | {
          /** @description How far it is. */
          progress: {
            /** @description The last line that is committed. */
            lastLine: number;
          };
        }
      | {
          summary: components['schemas']['ImportSummary'];
        };
    /** @description How the import ended. */
    ImportSummary: {
      /**
       * @description Of a dry run, which has written nothing.
       * @constant
       */
      dryRun?: true;
      /** @description Lines worked on, blank ones left out. */
      lines: number;
      /** @description Purchases made. */
      created: number;
      /** @description Purchases changed. */
      updated: number;
      /** @description Lines that were known. */
      unchanged: number;
      /** @description Lines of a lower version. */
      stale: number;
      /** @description Lines that were refused. */
      errors: number;
      /** @description The number of the last line worked on: to resume, send what follows it. */
      lastLine: number;
      /** @description Whether the whole body has been worked on; otherwise the import is to be resumed. */
      complete: boolean;
      /**
       * @description Why it ended early.
       * @enum {string}
       */
      reason?: 'service-unavailable' | 'internal-error' | 'shutting-down';
    };
    /** @description A row of the ledger: who asked for what, what was decided and why, what ExpressPlay said. */
    Issuance: {
      /** @description The row of the ledger; ExpressPlay’s redemption log has it as the cookie. */
      id: string;
      /** @description The title. */
      contentId: string;
      /**
       * @description Why not; null when granted, and for resets.
       * @enum {string|null}
       */
      reason:
        | 'play-window-ended'
        | 'rental-period-ended'
        | 'purchase-revoked'
        | 'not-yet-available'
        | 'content-withdrawn'
        | 'no-purchase'
        | 'rate-limited'
        | 'drm-not-available'
        | 'offline-not-available'
        | 'kid-required'
        | 'key-unavailable'
        | 'upstream-rejected'
        | 'upstream-unavailable'
        | 'upstream-timeout'
        | 'token-balance-exhausted'
        | 'purchase-changed'
        | 'ledger-unavailable'
        | 'caller-gone'
        | null;
      /** @description From the decision to the ledger, in milliseconds. */
      durationMs: number;
      /** @description Who asked: the subject of the bearer token. */
      userId: string;
      /** @description The store's order id of the purchase that decided. */
      purchase: string | null;
      /**
       * @description The DRM; null for a reset of a first play.
       * @enum {string|null}
       */
      drm: 'playready' | 'fairplay' | 'widevine' | null;
      /** @description Whether a licence to keep was asked for. */
      offline: boolean;
      /**
       * @description What was decided.
       * @enum {string}
       */
      decision: 'failed' | 'denied' | 'granted' | 'first-play-reset';
      /**
       * @description The kind of right; null when denied.
       * @enum {string|null}
       */
      rightsType: 'buy-to-own' | 'rental' | null;
      /**
       * Format: date-time
       * @description When the rights end.
       */
      rightsEndAt: string | null;
      /** @description Seconds to play. */
      playDurationSeconds: number | null;
      /** @description Whether the licence may be stored. */
      persistent: boolean | null;
      /**
       * Format: date-time
       * @description Until when the token could be redeemed.
       */
      tokenExpiresAt: string | null;
      /** @description Whether this token started the rental's clock. */
      firstPlay: boolean;
      /** @description The event code ExpressPlay refused with. */
      expressPlayCode: number | null;
      /** @description The id of the request, as the log has it. */
      requestId: string;
      /**
       * Format: date-time
       * @description When it was decided.
       */
      decidedAt: string;
      /** @description Who took a first play back. */
      actor: string | null;
      /** @description Why a first play was taken back. */
      note: string | null;
    };
    /** @description A page of the ledger, the newest row first. */
    IssuancesPage: {
      /** @description The rows. */
      issuances: components['schemas']['Issuance'][];
      /** @description Asks for the page after this one, as `cursor`; null on the last page. */
      nextCursor: string | null;
    };
    KeyStorageRequest: {
      /** @description The key-encryption key (KEK) it is wrapped under there. */
      kekId: string;
    };
    /** @description A key that a token carries. */
    LicenseKey: {
      /** @description The key id (KID). */
      kid: string;
      /** @description The tracks it is for; none means all. */
      tracks: ('sd' | 'hd' | 'uhd1' | 'uhd2' | 'audio')[];
    };
    /** @description What the licence will allow. */
    LicenseRights: {
      /**
       * Format: date-time
       * @description When playing ends; null for what was bought, unless the licence is to be kept and its title's policy sets it an end.
       */
      endsAt: string | null;
      /** @description The seconds that a licence with an end is asked for: what is left; for FairPlay and Widevine less the life of the token, and, by a setting, the time that a Widevine licence has to be started in. */
      playDurationSeconds: number | null;
      /**
       * @description Bought or rented.
       * @enum {string}
       */
      type: 'buy-to-own' | 'rental';
      /** @description Whether the licence may be stored on the device. */
      persistent: boolean;
    };
    /** @description A licence token, of the same shape for every DRM. */
    LicenseToken: {
      /** @description The row of the ledger; ExpressPlay’s redemption log has it as the cookie. */
      id: string;
      /** @description The title. */
      contentId: string;
      /**
       * Format: uri
       * @description Give this to the player: it contains the token.
       */
      licenseUrl: string;
      /**
       * Format: uri
       * @description The licence URL without the token, for players that join the two.
       */
      licenseAcquisitionUrl: string;
      /** @description The token, for players that join the two. */
      token: string;
      /**
       * Format: date-time
       * @description Redeem the token before; ask again rather than keep it. For a rental a minute after the decision at most.
       */
      tokenExpiresAt: string;
      /**
       * @description The DRM.
       * @enum {string}
       */
      drm: 'playready' | 'fairplay' | 'widevine';
      rights: components['schemas']['LicenseRights'];
      /** @description The keys that the token carries: play no rendition of another. */
      keys: components['schemas']['LicenseKey'][];
    };
    LicenseTokenRequest: {
      /** @description The title. */
      contentId: string;
      /** @description For FairPlay and a title of several keys: the KID that the `skd://` URI names. */
      kid?: string | null;
      /**
       * @description The DRM of the player.
       * @enum {string}
       */
      drm: 'playready' | 'fairplay' | 'widevine';
      /**
       * @description Whether the player wants to keep the licence; granted where the content's policy allows it, as `rights.persistent` says.
       * @default false
       */
      offline?: boolean;
    };
    /** @description The caller may not play the title now. */
    NotEntitled: {
      /** @description The title. */
      contentId: string;
      /** @constant */
      entitled: false;
      /**
       * @description Of several reasons the one closest to being entitled.
       * @enum {string}
       */
      reason:
        | 'play-window-ended'
        | 'rental-period-ended'
        | 'purchase-revoked'
        | 'not-yet-available'
        | 'content-withdrawn'
        | 'no-purchase';
    };
    /** @description What became of the event, and the purchase as it is now. */
    OrderAnswer: {
      /** @description The store's own id of the purchase; not `.` or `..`. */
      externalId: string;
      /**
       * @description What became of the event.
       * @enum {string}
       */
      outcome: 'created' | 'updated' | 'unchanged' | 'stale';
      purchase: components['schemas']['Purchase'];
    };
    /** @description A page of output policies, by name. */
    OutputPoliciesPage: {
      /** @description The output policies. */
      outputPolicies: components['schemas']['OutputPolicy'][];
      /** @description Asks for the page after this one, as `cursor`; null on the last page. */
      nextCursor: string | null;
    };
    /** @description What the outputs of a device must protect. */
    OutputPolicy: {
      /** @description Output protection level of analogue video. */
      analogVideoOpl: number;
      /** @description Output protection level of compressed digital audio. */
      compressedDigitalAudioOpl: number;
      /** @description Output protection level of compressed digital video. */
      compressedDigitalVideoOpl: number;
      /** @description Output protection level of uncompressed digital audio. */
      uncompressedDigitalAudioOpl: number;
      /** @description Output protection level of uncompressed digital video. */
      uncompressedDigitalVideoOpl: number;
      /** @description Its name. */
      name: string;
      /** @description 8 hex digits. */
      outputControlFlags: string | null;
      /** @description Counts the changes. */
      version: number;
      /**
       * @description What becomes of unknown outputs.
       * @enum {string|null}
       */
      unknownOutputBehavior: 'Allow' | 'Disallow' | 'SDOnly' | null;
      /** @description How long an owner may keep a stored licence, in seconds; null: without end. */
      offlineLicenseSeconds: number | null;
      /** @description PlayReady's rules. */
      playready: {
        /**
         * @description The least certificate level of a device, ExpressPlay's `minCertSecurityLevel`.
         * @enum {integer}
         */
        minCertSecurityLevel: 150 | 2000 | 3000;
      } | null;
      /** @description Widevine's rules; null for titles without Widevine. */
      widevine: {
        /** @description 1 (software) to 5 (all in hardware). */
        securityLevel: number;
        /** @description 0 none, 1 HDCP 1, 2 HDCP 2.0, 3 HDCP 2.1, 4 HDCP 2.2, 5 no digital output; the published table ends with 2. */
        hdcp: number;
      } | null;
      /** @description Licence extensions. */
      extensions: components['schemas']['PolicyExtension'][];
      /** @description Further parameters. */
      additionalParameters: components['schemas']['PolicyParameter'][];
      /** @description Whether an owner may have a licence to keep. */
      offlineAllowed: boolean;
    };
    OutputPolicyRequest: {
      /** @description Output protection level of analogue video. */
      analogVideoOpl: number;
      /** @description Output protection level of compressed digital audio. */
      compressedDigitalAudioOpl: number;
      /** @description Output protection level of compressed digital video. */
      compressedDigitalVideoOpl: number;
      /** @description Output protection level of uncompressed digital audio. */
      uncompressedDigitalAudioOpl: number;
      /** @description Output protection level of uncompressed digital video. */
      uncompressedDigitalVideoOpl: number;
      /** @description 8 hex digits. */
      outputControlFlags?: string | null;
      /** @description How long an owner may keep a stored licence, in seconds, up to ten years; without it, without end. Only with `offlineAllowed`. */
      offlineLicenseSeconds?: number | null;
      /** @description Licence extensions; PlayReady takes one. */
      extensions?: components['schemas']['ExtensionRequest'][] | null;
      /** @description Parameters for ExpressPlay; a DRM takes a name once. */
      additionalParameters?: components['schemas']['AdditionalParameterRequest'][] | null;
      /**
       * @description What becomes of outputs that are not known.
       * @enum {string|null}
       */
      unknownOutputBehavior?: 'Allow' | 'Disallow' | 'SDOnly' | null;
      /** @description What PlayReady needs of a device. */
      playready?: components['schemas']['PlayReadyRequest'] | null;
      /** @description Without it the policy's titles have no Widevine. */
      widevine?: components['schemas']['WidevineRequest'] | null;
      /** @description Whether an owner may have a licence to keep. */
      offlineAllowed: boolean;
    };
    PlayReadyRequest: {
      /**
       * @description The least certificate level of a device, ExpressPlay's `minCertSecurityLevel`.
       * @enum {integer}
       */
      minCertSecurityLevel: 150 | 2000 | 3000;
    };
    /** @description A title that the caller may play now. */
    PlayableTitle: {
      /** @description The title. */
      contentId: string;
      /** @constant */
      entitled: true;
      /** @description The name of the title, for people. */
      title: string;
      rights: components['schemas']['StandingRights'];
    };
    /** @description A licence extension of one DRM. */
    PolicyExtension: {
      /**
       * @description The DRM.
       * @enum {string}
       */
      drm: 'playready' | 'fairplay' | 'widevine';
      /** @description 4 letters or digits. */
      type: string;
      /** @description Base64. */
      payload: string;
    };
    /** @description A parameter for ExpressPlay that the published tables do not list. */
    PolicyParameter: {
      /**
       * @description The DRM.
       * @enum {string}
       */
      drm?: 'playready' | 'fairplay' | 'widevine';
      /** @description Sent as it is. */
      name: string;
      /** @description Sent as it is. */
      value: string;
    };
    /** @description A problem document (RFC 9457). Decide by `code`; `title` and `detail` are for people and may change. There may be further members. */
    Problem: {
      /**
       * Format: uri
       * @description `urn:expressplay-bff:problem:` and the code.
       */
      type: string;
      /** @description The status of the answer. */
      status: number;
      /**
       * @description What to decide by.
       * @enum {string}
       */
      code:
        | 'invalid-request'
        | 'unauthenticated'
        | 'insufficient-scope'
        | 'not-entitled'
        | 'content-not-found'
        | 'purchase-not-found'
        | 'output-policy-not-found'
        | 'version-conflict'
        | 'precondition-failed'
        | 'offline-not-available'
        | 'drm-not-available'
        | 'kid-required'
        | 'route-not-found'
        | 'method-not-allowed'
        | 'not-acceptable'
        | 'request-timeout'
        | 'payload-too-large'
        | 'unsupported-media-type'
        | 'rate-limited'
        | 'headers-too-large'
        | 'upstream-rejected'
        | 'upstream-unavailable'
        | 'token-balance-exhausted'
        | 'overloaded'
        | 'service-unavailable'
        | 'upstream-timeout'
        | 'internal-error';
      /**
       * @description Why not, with `not-entitled`: of several reasons the one closest to being entitled.
       * @enum {string}
       */
      reason?:
        | 'play-window-ended'
        | 'rental-period-ended'
        | 'purchase-revoked'
        | 'not-yet-available'
        | 'content-withdrawn'
        | 'no-purchase';
      /** @description The kind of problem, for people. */
      title: string;
      /** @description What happened here, for people. */
      detail: string;
      /** @description The `X-Request-Id` of the answer. */
      requestId?: string;
      /** @description Everything that is wrong, by field. */
      errors?: components['schemas']['FieldError'][];
    };
    /** @description A purchase: what the store said last, and what has become of it. */
    Purchase: {
      /**
       * Format: uuid
       * @description The service's own id; the ledger has it.
       */
      id: string;
      /** @description The store's own id of the purchase; not `.` or `..`. */
      externalId: string;
      /** @description The subject of the player's bearer token; not `*`. */
      userId: string;
      /** @description The title. */
      contentId: string;
      /** @description How long after the first play it may be played. */
      playDurationSeconds: number | null;
      /** @description The store's version of this order: it grows with every change of it. */
      version: number;
      /** @description The version of the last revocation or reinstatement; 0 without one. */
      revocationVersion: number;
      /**
       * @description Sold or rented.
       * @enum {string}
       */
      type: 'buy-to-own' | 'rental';
      /**
       * Format: date-time
       * @description When it was sold.
       */
      purchasedAt: string;
      /**
       * Format: date-time
       * @description The last moment of the rental, or to start it, as the deployment has it.
       */
      periodEndsAt: string | null;
      /**
       * Format: date-time
       * @description When the rental's first token was issued.
       */
      firstPlayAt: string | null;
      /** @description The id of the last reset of the first play. */
      firstPlayResetId: string | null;
      /**
       * Format: date-time
       * @description When it was taken back; null while it stands.
       */
      revokedAt: string | null;
      /**
       * @description Why it was taken back.
       * @enum {string|null}
       */
      revocationReason: 'refund' | 'chargeback' | 'fraud' | 'store-error' | null;
    };
    /** @description What became of the event, and the purchase as it is now. */
    PurchaseEventAnswer: {
      /** @description The store's own id of the purchase; not `.` or `..`. */
      externalId: string;
      /**
       * @description What became of the event.
       * @enum {string}
       */
      outcome: 'updated' | 'unchanged' | 'stale' | 'early';
      /** @description Null while there is none. */
      purchase: components['schemas']['Purchase'] | null;
    };
    /** @description A sale or a rental, with its id. */
    PurchaseLine:
      | {
          /** @description The subject of the player's bearer token; not `*`. */
          userId: string;
          /** @description The title. */
          contentId: string;
          /**
           * Format: date-time
           * @description When it was sold.
           */
          purchasedAt: string;
          /** @description The store's version of this order: it grows with every change of it. */
          version: number;
          /** @constant */
          type: 'buy-to-own';
          /** @description For rentals only. */
          periodEndsAt?: null;
          /** @description For rentals only. */
          playDurationSeconds?: null;
          /** @description The store's own id of the purchase; not `.` or `..`. */
          externalId: string;
        }
      | {
          /** @description The subject of the player's bearer token; not `*`. */
          userId: string;
          /** @description The title. */
          contentId: string;
          /**
           * Format: date-time
           * @description When it was sold.
           */
          purchasedAt: string;
          /** @description The store's version of this order: it grows with every change of it. */
          version: number;
          /** @constant */
          type: 'rental';
          /**
           * Format: date-time
           * @description The last moment of the rental, or to start it, as the deployment has it.
           */
          periodEndsAt: string;
          /** @description How long after the first play it may be played. What the database's integer holds is 68 years. */
          playDurationSeconds: number;
          /** @description The store's own id of the purchase; not `.` or `..`. */
          externalId: string;
        };
    /** @description A sale or a rental. */
    PurchaseOrder: components['schemas']['Sale'] | components['schemas']['Rental'];
    ReinstatementRequest: {
      /** @description From 1; revocations and reinstatements of a purchase share one sequence. */
      version: number;
    };
    /** @description Rented out. */
    Rental: {
      /** @description The subject of the player's bearer token; not `*`. */
      userId: string;
      /** @description The title. */
      contentId: string;
      /**
       * Format: date-time
       * @description When it was sold.
       */
      purchasedAt: string;
      /** @description The store's version of this order: it grows with every change of it. */
      version: number;
      /** @constant */
      type: 'rental';
      /**
       * Format: date-time
       * @description The last moment of the rental, or to start it, as the deployment has it.
       */
      periodEndsAt: string;
      /** @description How long after the first play it may be played. What the database's integer holds is 68 years. */
      playDurationSeconds: number;
    };
    RevocationRequest: {
      /** @description From 1; revocations and reinstatements of a purchase share one sequence. */
      version: number;
      /**
       * Format: date-time
       * @description When the store took it back, for the record; otherwise the moment the event arrives.
       */
      revokedAt?: string | null;
      /**
       * @description Why it is taken back.
       * @enum {string}
       */
      reason: 'refund' | 'chargeback' | 'fraud' | 'store-error';
    };
    /** @description Sold for good. */
    Sale: {
      /** @description The subject of the player's bearer token; not `*`. */
      userId: string;
      /** @description The title. */
      contentId: string;
      /**
       * Format: date-time
       * @description When it was sold.
       */
      purchasedAt: string;
      /** @description The store's version of this order: it grows with every change of it. */
      version: number;
      /** @constant */
      type: 'buy-to-own';
      /** @description For rentals only. */
      periodEndsAt?: null;
      /** @description For rentals only. */
      playDurationSeconds?: null;
    };
    /** @description What the purchase allows as it stands. */
    StandingRights: {
      /**
       * Format: date-time
       * @description When a started rental ends, or until when one that is not may be started; null for what was bought.
       */
      endsAt: string | null;
      /** @description Seconds left of a started rental, or those that one will have once it is started. */
      playDurationSeconds: number | null;
      /**
       * Format: date-time
       * @description When it was started; absent if it was not.
       */
      firstPlayAt?: string;
      /**
       * @description Bought or rented.
       * @enum {string}
       */
      type: 'buy-to-own' | 'rental';
      /** @description Whether a rental's clock runs. */
      started: boolean;
    };
    /** @description One of a title's keys. Never the key. */
    TrackKey: {
      /** @description The key id (KID). */
      kid: string;
      /** @description FairPlay's content encryption IV; without it the key is not for FairPlay. */
      iv: string | null;
      /** @description The name of its own output policy; null where the title's counts. */
      outputPolicy: string | null;
      /** @description What it is for; none means all. */
      tracks: ('sd' | 'hd' | 'uhd1' | 'uhd2' | 'audio')[];
      key: components['schemas']['ContentKey'];
    };
    TrackKeyRequest: {
      /** @description The content key itself, 16 bytes. */
      key?: string | null;
      /** @description The content key wrapped (RFC 3394) under the KEK that `kekId` names, 24 bytes. */
      ek?: string | null;
      /** @description The KEK that `ek` is wrapped under. */
      kekId?: string | null;
      /** @description The key id (KID); no two keys have the same. */
      kid: string;
      /** @description FairPlay's content encryption IV; without it the key is not for FairPlay. */
      iv?: string | null;
      /** @description The name of an output policy of its own; without it the title's counts. */
      outputPolicy?: string | null;
      /** @description The tracks it is for; without any it is for all. */
      tracks?: ('sd' | 'hd' | 'uhd1' | 'uhd2' | 'audio')[] | null;
      /** @description The key is in ExpressPlay's key storage. */
      keyStorage?: components['schemas']['KeyStorageRequest'] | null;
    };
    WidevineRequest: {
      /** @description 1 (software) to 5 (all in hardware). */
      securityLevel: number;
      /** @description 0 none, 1 HDCP 1, 2 HDCP 2.0, 3 HDCP 2.1, 4 HDCP 2.2, 5 no digital output; the published table ends with 2. */
      hdcp: number;
    };
  };
  responses: {
    /** @description `invalid-request`: the request is invalid. */
    InvalidRequest: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'invalid-request';
        };
      };
    };
    /** @description `route-not-found`: no such address. */
    RouteNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'route-not-found';
        };
      };
    };
    /** @description `request-timeout`: the request came too slowly. */
    RequestTimeout: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'request-timeout';
        };
      };
    };
    /** @description `rate-limited`: too many requests. */
    RateLimited: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'rate-limited';
        };
      };
    };
    /** @description `headers-too-large`: the request headers are too large. */
    HeadersTooLarge: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'headers-too-large';
        };
      };
    };
    /** @description `internal-error`: internal error. */
    InternalError: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'internal-error';
        };
      };
    };
    /** @description `unauthenticated`: a valid bearer token is required. */
    Unauthenticated: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'unauthenticated';
        };
      };
    };
    /** @description `insufficient-scope`: the bearer token does not allow this. */
    InsufficientScope: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'insufficient-scope';
        };
      };
    };
    /** @description `service-unavailable`: the service is unavailable. */
    ServiceUnavailable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'service-unavailable';
        };
      };
    };
    /** @description `content-not-found`: no such content; `route-not-found`: no such address. */
    ContentNotFoundOrRouteNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'content-not-found' | 'route-not-found';
        };
      };
    };
    /** @description `precondition-failed`: changed by somebody else in between. */
    PreconditionFailed: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'precondition-failed';
        };
      };
    };
    /** @description `payload-too-large`: the request body is too large. */
    PayloadTooLarge: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'payload-too-large';
        };
      };
    };
    /** @description `unsupported-media-type`: unsupported media type. */
    UnsupportedMediaType: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'unsupported-media-type';
        };
      };
    };
    /** @description `output-policy-not-found`: no such output policy; `route-not-found`: no such address. */
    OutputPolicyNotFoundOrRouteNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'output-policy-not-found' | 'route-not-found';
        };
      };
    };
    /** @description `overloaded`: too many requests at once; `service-unavailable`: the service is unavailable. */
    OverloadedOrServiceUnavailable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'overloaded' | 'service-unavailable';
        };
      };
    };
    /** @description `purchase-not-found`: no such purchase; `route-not-found`: no such address. */
    PurchaseNotFoundOrRouteNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'purchase-not-found' | 'route-not-found';
        };
      };
    };
    /** @description `version-conflict`: the version is taken by something else. */
    VersionConflict: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'version-conflict';
        };
      };
    };
    /** @description `content-not-found`: no such content. */
    ContentNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'content-not-found';
        };
      };
    };
    /** @description `insufficient-scope`: the bearer token does not allow this; `not-entitled`: not entitled to this content. */
    InsufficientScopeOrNotEntitled: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'insufficient-scope' | 'not-entitled';
        };
      };
    };
    /** @description `offline-not-available`: this drm has no licences to keep; `drm-not-available`: this content is not available with this drm; `kid-required`: this content has several keys. */
    OfflineNotAvailableOrDrmNotAvailableOrKidRequired: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'offline-not-available' | 'drm-not-available' | 'kid-required';
        };
      };
    };
    /** @description `not-acceptable`: none of the accepted media types can be answered. */
    NotAcceptable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'not-acceptable';
        };
      };
    };
    /** @description `upstream-rejected`: the licence service refused the request. */
    UpstreamRejected: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'upstream-rejected';
        };
      };
    };
    /** @description `upstream-unavailable`: the licence service is unavailable; `token-balance-exhausted`: no licence tokens are left; `overloaded`: too many requests at once; `service-unavailable`: the service is unavailable. */
    UpstreamUnavailableOrTokenBalanceExhaustedOrOverloadedOrServiceUnavailable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'Retry-After': components['headers']['Retry-After'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'upstream-unavailable' | 'token-balance-exhausted' | 'overloaded' | 'service-unavailable';
        };
      };
    };
    /** @description `upstream-timeout`: the licence service did not answer in time. */
    UpstreamTimeout: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'upstream-timeout';
        };
      };
    };
    /** @description `method-not-allowed`: method not allowed. */
    MethodNotAllowed: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        Allow: components['headers']['Allow'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'] & {
          /** @enum {unknown} */
          code: 'method-not-allowed';
        };
      };
    };
  };
  parameters: {
    /** @description An id of your own, by which the log and the ledger will know this request. */
    RequestId: string;
  };
  requestBodies: never;
  headers: {
    /** @description The methods that the address takes. */
    Allow: string;
    /** @description The version of what was answered, in quotes, for `If-Match`. */
    ETag: string;
    /** @description In how many seconds trying again makes sense. */
    'Retry-After': number;
    /** @description The headers of the request that the answer depends on. */
    Vary: string;
    /** @description What is wrong with the bearer token (RFC 6750, section 3). */
    'WWW-Authenticate': string;
    /** @description The id of the request: yours, or a new one. The log and the problem document have it too. */
    'X-Request-Id': string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getMetrics: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The metrics. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      400: components['responses']['InvalidRequest'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
    };
  };
  listContents: {
    parameters: {
      query?: {
        /** @description `nextCursor` of the page before this. */
        cursor?: string;
        /** @description Most entries of the page. */
        limit?: number;
      };
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContentsPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getContent: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The title. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Content'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  putContent: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts. */
        'If-Match'?: string;
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    /** @description The title. A key id that another title has is refused, and so is an output policy that is not there. */
    requestBody: {
      content: {
        'application/json': components['schemas']['ContentRequest'];
      };
    };
    responses: {
      /** @description It was there, and is so now. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Content'];
        };
      };
      /** @description It is new. */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Content'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getContentKeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its keys. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContentKeys'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  putContentKeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts. */
        'If-Match'?: string;
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    /** @description The keys, as JSON or as a CPIX document. */
    requestBody: {
      content: {
        'application/json': components['schemas']['ContentKeysRequest'];
        'application/xml': string;
      };
    };
    responses: {
      /** @description The title has the keys. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContentKeys'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getContentKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Its origin. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContentKey'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  putContentKey: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts. */
        'If-Match'?: string;
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example spring
         */
        contentId: string;
      };
      cookie?: never;
    };
    /** @description The key. */
    requestBody: {
      content: {
        'application/json': components['schemas']['ContentKeyRequest'];
      };
    };
    responses: {
      /** @description The title has the key. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ContentKey'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listOutputPolicies: {
    parameters: {
      query?: {
        /** @description `nextCursor` of the page before this. */
        cursor?: string;
        /** @description Most entries of the page. */
        limit?: number;
      };
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OutputPoliciesPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getOutputPolicy: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The name of the policy.
         * @example uhd
         */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The policy. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OutputPolicy'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['OutputPolicyNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  putOutputPolicy: {
    parameters: {
      query?: never;
      header?: {
        /** @description The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts. */
        'If-Match'?: string;
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The name of the policy.
         * @example uhd
         */
        name: string;
      };
      cookie?: never;
    };
    /** @description The policy. */
    requestBody: {
      content: {
        'application/json': components['schemas']['OutputPolicyRequest'];
      };
    };
    responses: {
      /** @description It was there, and is so now. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OutputPolicy'];
        };
      };
      /** @description It is new. */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          ETag: components['headers']['ETag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OutputPolicy'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  importPurchases: {
    parameters: {
      query?: {
        /** @description The number of the first line, for an import that is resumed. */
        firstLine?: number;
        /** @description Whether every line is reported, or only the ones that went wrong. */
        report?: 'all' | 'problems';
        /** @description Whether everything is checked and reported as if it were written, and nothing is written. */
        dryRun?: boolean;
      };
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    /** @description One purchase a line (`PurchaseLine`), ended by LF or CRLF. */
    requestBody: {
      content: {
        'application/x-ndjson': string;
      };
    };
    responses: {
      /** @description The report, as it comes about: one `ImportReportLine` a line. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['OverloadedOrServiceUnavailable'];
    };
  };
  getPurchase: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The store's own id of the purchase.
         * @example order-1001
         */
        externalId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The purchase. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Purchase'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['PurchaseNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  putPurchase: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The store's own id of the purchase.
         * @example order-1001
         */
        externalId: string;
      };
      cookie?: never;
    };
    /** @description The order. */
    requestBody: {
      content: {
        'application/json': components['schemas']['PurchaseOrder'];
      };
    };
    responses: {
      /** @description The purchase was there. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderAnswer'];
        };
      };
      /** @description The purchase is new, and can be played at once. */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderAnswer'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      409: components['responses']['VersionConflict'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  revokePurchase: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The store's own id of the purchase.
         * @example order-1001
         */
        externalId: string;
      };
      cookie?: never;
    };
    /** @description The revocation. */
    requestBody: {
      content: {
        'application/json': components['schemas']['RevocationRequest'];
      };
    };
    responses: {
      /** @description What became of it. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PurchaseEventAnswer'];
        };
      };
      /** @description The purchase is not there yet; the event is kept, and the purchase will be so from its first moment. */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PurchaseEventAnswer'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      409: components['responses']['VersionConflict'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  reinstatePurchase: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The store's own id of the purchase.
         * @example order-1001
         */
        externalId: string;
      };
      cookie?: never;
    };
    /** @description The reinstatement. */
    requestBody: {
      content: {
        'application/json': components['schemas']['ReinstatementRequest'];
      };
    };
    responses: {
      /** @description What became of it. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PurchaseEventAnswer'];
        };
      };
      /** @description The purchase is not there yet; the event is kept, and the purchase will be so from its first moment. */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PurchaseEventAnswer'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      409: components['responses']['VersionConflict'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  resetFirstPlay: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The store's own id of the purchase.
         * @example order-1001
         */
        externalId: string;
      };
      cookie?: never;
    };
    /** @description Who asks for it, and why. */
    requestBody: {
      content: {
        'application/json': components['schemas']['FirstPlayResetRequest'];
      };
    };
    responses: {
      /** @description What became of it. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FirstPlayResetAnswer'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['PurchaseNotFoundOrRouteNotFound'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listEntitlements: {
    parameters: {
      query?: {
        /** @description `nextCursor` of the page before this. */
        cursor?: string;
        /** @description Most titles of the page. */
        limit?: number;
      };
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EntitlementsPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['OverloadedOrServiceUnavailable'];
    };
  };
  getEntitlement: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path: {
        /**
         * @description The title.
         * @example sintel
         */
        contentId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Yes or no. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Entitlement'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['ContentNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['OverloadedOrServiceUnavailable'];
    };
  };
  issueLicenseToken: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    /** @description What to play, and with which DRM. */
    requestBody: {
      content: {
        'application/json': components['schemas']['LicenseTokenRequest'];
      };
    };
    responses: {
      /** @description A token. It is in the ledger, and the clock of a rental runs. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          Vary: components['headers']['Vary'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LicenseToken'];
          'text/uri-list': string;
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScopeOrNotEntitled'];
      404: components['responses']['ContentNotFound'];
      406: components['responses']['NotAcceptable'];
      408: components['responses']['RequestTimeout'];
      409: components['responses']['OfflineNotAvailableOrDrmNotAvailableOrKidRequired'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      502: components['responses']['UpstreamRejected'];
      503: components['responses']['UpstreamUnavailableOrTokenBalanceExhaustedOrOverloadedOrServiceUnavailable'];
      504: components['responses']['UpstreamTimeout'];
    };
  };
  getLiveness: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It lives. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Alive'];
        };
      };
      400: components['responses']['InvalidRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Yes. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthReport'];
        };
      };
      400: components['responses']['InvalidRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description No. */
      503: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthReport'];
        };
      };
    };
  };
  getStartup: {
    parameters: {
      query?: never;
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Yes. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthReport'];
        };
      };
      400: components['responses']['InvalidRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description No. */
      503: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthReport'];
        };
      };
    };
  };
  listIssuances: {
    parameters: {
      query?: {
        /** @description Rows of this user. */
        user?: string;
        /** @description Rows of this title. */
        content?: string;
        /** @description Rows that the purchase with this order id of the store decided. */
        purchase?: string;
        /** @description The row with this id, as it stands in ExpressPlay's redemption log. */
        cookie?: string;
        /** @description The first moment. */
        from?: string;
        /** @description The moment after the last. */
        to?: string;
        /** @description `nextCursor` of the page before this. */
        cursor?: string;
        /** @description Most rows of the page. */
        limit?: number;
      };
      header?: {
        /** @description An id of your own, by which the log and the ledger will know this request. */
        'X-Request-Id'?: components['parameters']['RequestId'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IssuancesPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthenticated'];
      403: components['responses']['InsufficientScope'];
      404: components['responses']['RouteNotFound'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
}
