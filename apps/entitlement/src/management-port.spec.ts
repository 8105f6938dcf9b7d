import { describe, expect, it } from 'vitest';
import { managementPort, sharedPortInProduction } from './management-port.js';

describe('managementPort', () => {
  it.each([
    ['production', 3000, undefined, 3001],
    ['production', 3000, 4001, 4001],
    ['production', 3000, 3000, undefined],
    ['development', 3000, undefined, undefined],
    ['development', 3000, 3001, 3001],
    ['test', 0, undefined, undefined],
    ['test', 0, 0, 0],
    ['test', 3000, 3000, undefined],
  ])('in %s with PORT %s and MANAGEMENT_PORT %s is %s', (kind, port, chosen, expected) => {
    const found = managementPort({
      NODE_ENV: kind,
      PORT: port,
      MANAGEMENT_PORT: chosen,
      MANAGEMENT_HOST: '127.0.0.1',
    });
    expect(found?.port).toBe(expected);
  });
});

describe('sharedPortInProduction', () => {
  it.each([
    ['production', 3001, undefined, 1],
    ['production', 3001, 3001, 0],
    ['production', 3000, undefined, 0],
    ['test', 3001, undefined, 0],
  ])('in %s with PORT %s and MANAGEMENT_PORT %s finds %s problems', (kind, port, chosen, count) => {
    expect(sharedPortInProduction({ NODE_ENV: kind, PORT: port, MANAGEMENT_PORT: chosen })).toHaveLength(count);
  });
});
