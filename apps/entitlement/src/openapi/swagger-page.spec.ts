import { describe, expect, it } from 'vitest';
import { pagePolicy, publicServer } from './swagger-page.js';

const REQUEST = {
  protocol: 'http',
  host: 'localhost:3001',
  publicPort: 3000,
  samePort: false,
};

describe('publicServer', () => {
  it.each([
    ['one port', { samePort: true }, '/'],
    ['another port', {}, 'http://localhost:3000'],
    ['another port, by address', { host: '[::1]:3001' }, 'http://[::1]:3000'],
    ['a host without a port', { protocol: 'https', host: 'management.example' }, 'https://management.example:3000'],
    ['what is no host', { host: "x; script-src 'unsafe-inline'" }, '/'],
    ['no IPv4 address', { host: '999.999.999.999' }, '/'],
    ['an IPv4 address of five parts', { host: '1.2.3.4.5:3001' }, '/'],
    ['no IPv6 address', { host: '[1:2]' }, '/'],
    ['another protocol', { protocol: 'javascript' }, '/'],
  ])('%s', (_name, more, url) => {
    expect(publicServer({ ...REQUEST, ...more }).url).toBe(url);
  });
});

describe('pagePolicy', () => {
  it.each([
    ['/', "connect-src 'self'"],
    ['http://localhost:3000', "connect-src 'self' http://localhost:3000"],
    ['https://a.example/b', "connect-src 'self' https://a.example"],
  ])('with the API at %s has %s', (url, directive) => {
    expect(pagePolicy({ url, description: '' }).split('; ')).toContain(directive);
  });
});
