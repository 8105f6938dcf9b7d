// Where the licence servers are, below the emulator's base URL.

/** PlayReady's rights manager. */
export const PLAYREADY_RIGHTS_PATH = '/playready/RightsManager.asmx';

/** FairPlay's rights; the slash at its end belongs to it. */
export const FAIRPLAY_RIGHTS_PATH = '/hms/fp/rights/';

/** Widevine's rights, of FairPlay's form. */
export const WIDEVINE_RIGHTS_PATH = '/hms/wv/rights/';

/** The query parameter that a token is redeemed with. */
export const TOKEN_PARAMETER = 'ExpressPlayToken';
