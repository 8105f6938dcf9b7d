// The DRMs a title can be played with, in the words of the players' API and of the database.

/** All of them. */
export const DRMS = ['playready', 'fairplay', 'widevine'] as const;

/** One of them. */
export type Drm = (typeof DRMS)[number];
