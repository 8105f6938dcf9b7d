// The published table "Event error codes", written out anew: what the suite measures emulator and client against.

/** A token service, by the name that this project gives it. */
export type Service = 'playready' | 'fairplay' | 'widevine';

/** The services in the order of the table's columns. */
export const SERVICES: readonly Service[] = ['playready', 'fairplay', 'widevine'];

const PR: Service = 'playready';
const FP: Service = 'fairplay';
const WV: Service = 'widevine';

/** One row for each code: the services that document it. */
const TABLE: readonly (readonly [code: number, ...services: Service[]])[] = [
  [-2002, PR, FP, WV],
  [-2003, PR, FP, WV],
  [-2005, PR, FP, WV],
  [-2008, PR, FP, WV],
  [-2017, PR, FP, WV],
  [-2018, PR, FP, WV],
  [-2019, PR, FP, WV],
  [-2020, PR, FP],
  [-2021, PR, FP],
  [-2022, PR, FP, WV],
  [-2023, PR, FP, WV],
  [-2025, PR, FP, WV],
  [-2027, PR, FP, WV],
  [-2030, PR, FP, WV],
  [-2031, PR, FP, WV],
  [-2033, PR, FP, WV],
  [-2034, PR, FP, WV],
  [-2035, PR, FP, WV],
  [-2036, PR, FP, WV],
  [-2037, PR, FP, WV],
  [-2040, PR, FP, WV],
  [-3004, PR, FP, WV],
  [-4001, PR, FP, WV],
  [-4010, FP, WV],
  [-4018, PR, FP, WV],
  [-4019, PR, FP, WV],
  [-4020, PR, FP, WV],
  [-4021, PR, FP, WV],
  [-4022, PR, FP, WV],
  [-4024, PR, FP, WV],
  [-5001, PR],
  [-5002, PR],
  [-5003, PR, FP, WV],
  [-5004, PR],
  [-5005, PR],
  [-5006, PR],
  [-5007, PR],
  [-6001, FP],
  [-6002, FP],
  [-6003, FP],
  [-6004, FP],
  [-6005, FP, WV],
  [-6006, FP],
  [-6007, FP, WV],
  [-6008, FP],
  [-6009, FP],
  [-7002, WV],
  [-7003, WV],
  [-7004, WV],
  [-7006, WV],
  [-7007, WV],
  [-7008, WV],
  [-7009, WV],
  [-7011, WV],
];

/** Every documented code, in the table's order. */
export const DOCUMENTED_CODES: readonly number[] = TABLE.map(([code]) => code);

/** The codes that one service documents, in the table's order. */
export function documentedCodesOf(service: Service): readonly number[] {
  return TABLE.filter(([, ...services]) => services.includes(service)).map(([code]) => code);
}

/** The codes that no parameter and no account provokes: they come from the emulator's fault controls. */
export const FAULT_CODES: readonly number[] = [-2003, -2023, -2030, -4001, -4010, -6002, -6004, -7008];

/** The HTTP status that a code comes with. */
export function statusOf(code: number): number {
  if ([-2017, -2018, -2031].includes(code)) return 401;
  if ([-2030, -4019, -6004, -7008].includes(code)) return 500;
  return 400;
}
