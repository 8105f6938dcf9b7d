// The two shapes of a token's answer.

/** PlayReady's. */
export const PAIR =
  '{"licenseAcquisitionUrl":"https://pr.test.expressplay.com/playready/RightsManager.asmx","token":"AQAA"}';
/** The others'. */
export const URI_LIST = 'https://fp.test.expressplay.com:80/hms/fp/rights/?ExpressPlayToken=AQAA';
