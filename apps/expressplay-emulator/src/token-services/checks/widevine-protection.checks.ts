// What Widevine asks of a device: its security level and the HDCP of its outputs.
import { PARAMETERS } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';

/** By `securityLevel`, which counts from 1. */
const SECURITY_LEVELS = [
  'SW_SECURE_CRYPTO',
  'SW_SECURE_DECODE',
  'HW_SECURE_CRYPTO',
  'HW_SECURE_DECODE',
  'HW_SECURE_ALL',
];
/** By `hdcpOutputControl`, which counts from 0. */
const HDCP_VERSIONS = ['HDCP_NONE', 'HDCP_V1', 'HDCP_V2'];

/** Reads the required `securityLevel`, 1-5. @throws EventError -7003, -7004 */
export function readSecurityLevel(parameters: TokenParameters): string {
  const value = parameters.get(PARAMETERS.securityLevel);
  if (value === undefined || value === '') throw new EventError(-7003);
  const level = /^[1-5]$/.test(value) ? SECURITY_LEVELS[Number(value) - 1] : undefined;
  if (level === undefined) throw new EventError(-7004, 'it is a whole number 1-5');
  return level;
}

/**
 * Reads the required `hdcpOutputControl`, 0-2. No code of its own is documented for a bad one, so it has the one for
 * output controls out of their range.
 *
 * @throws EventError -7006, -2034
 */
export function readHdcpOutputControl(parameters: TokenParameters): string {
  const value = parameters.get(PARAMETERS.hdcpOutputControl);
  if (value === undefined || value === '') throw new EventError(-7006);
  const version = /^[0-2]$/.test(value) ? HDCP_VERSIONS[Number(value)] : undefined;
  if (version === undefined) throw new EventError(-2034, 'hdcpOutputControl is a whole number 0-2');
  return version;
}
