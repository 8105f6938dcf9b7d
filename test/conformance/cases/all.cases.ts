// Every case of every service.
import type { Service } from '../documented-codes.js';
import type { ConformanceCase } from './case.js';
import { FAIRPLAY_CASES } from './fairplay.cases.js';
import { PLAYREADY_CASES } from './playready.cases.js';
import { WIDEVINE_CASES } from './widevine.cases.js';

/** The cases by service. */
export const CASES: Readonly<Record<Service, readonly ConformanceCase[]>> = {
  playready: PLAYREADY_CASES,
  fairplay: FAIRPLAY_CASES,
  widevine: WIDEVINE_CASES,
};
