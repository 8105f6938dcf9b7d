import { describe, expect, it } from 'vitest';
import { accessClaimsFault, scopesOf } from './access-claims.js';

const now = 1_800_000_000;
const good = { sub: 'alice', aud: 'bff', exp: now + 60 };
const issuer = { audiences: ['bff', 'other'], audienceClaim: undefined };

function fault(claims: Record<string, unknown>, others: object = {}): string | undefined {
  return accessClaimsFault({ ...good, ...claims }, { now, skew: 5, isAccessToken: false, ...issuer, ...others });
}

describe('accessClaimsFault', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['nothing unusual', {}, undefined],
    ['an expiry with a fraction', { exp: now + 0.5 }, undefined],
    ['an expiry in the year 9999', { exp: 253_402_300_799 }, undefined],
    ['an expiry in milliseconds', { exp: (now + 60) * 1000 }, 'claims'],
    ['an endless expiry', { exp: Number.POSITIVE_INFINITY }, 'claims'],
    ['a start without beginning', { nbf: Number.NEGATIVE_INFINITY }, 'claims'],
    ['an issue in words', { iat: 'today' }, 'claims'],
    ['an issue of null', { iat: null }, 'claims'],
    ['an issue at the edge of the skew', { iat: now + 5 }, undefined],
    ['an issue after the skew', { iat: now + 5.1 }, 'not-yet-valid'],
    ['an issue long ago', { iat: 0 }, undefined],
    ['a key confirmation', { cnf: { jkt: 'thumbprint' } }, 'bound'],
    ['an empty key confirmation', { cnf: null }, 'bound'],
    ['a lone surrogate in the subject', { sub: 'a\uD800' }, 'subject'],
    ['a subject of 255 characters beyond the basic plane', { sub: '\u{1F3AC}'.repeat(255) }, undefined],
    ['a subject of 256 of them', { sub: '\u{1F3AC}'.repeat(256) }, 'subject'],
    ['a subject that is a dot', { sub: '.' }, undefined],
    ['everybody as the subject', { sub: '*' }, 'subject'],
    ['a subject in a list', { sub: ['alice'] }, 'subject'],
    ['a nonce', { nonce: '' }, 'kind'],
    ['the hash of an access token', { at_hash: 'x' }, 'kind'],
    ['the hash of a code', { c_hash: 'x' }, 'kind'],
    ['the hash of a state', { s_hash: 'x' }, 'kind'],
    ['events', { events: {} }, 'kind'],
    ["Keycloak's word for ID tokens", { typ: 'ID' }, 'kind'],
    ["Keycloak's word for refresh tokens", { typ: 'Refresh' }, 'kind'],
    ["Keycloak's word for access tokens", { typ: 'Bearer' }, undefined],
    ["Cognito's word for ID tokens", { token_use: 'id' }, 'kind'],
    ["Cognito's word for access tokens", { token_use: 'access' }, undefined],
  ])('judges %s', (_, claims, expected) => {
    expect(fault(claims)).toBe(expected);
  });

  it('believes the header of an access token about its kind, and about nothing else', () => {
    expect(fault({ nonce: 'x' }, { isAccessToken: true })).toBeUndefined();
    expect(fault({ cnf: {} }, { isAccessToken: true })).toBe('bound');
  });

  it.each<[string, object, string | undefined, string | undefined]>([
    ['one of the audiences', { aud: 'other' }, undefined, undefined],
    ['one in a list', { aud: ['elsewhere', 'bff'] }, undefined, undefined],
    ['another', { aud: 'bff2' }, undefined, 'audience'],
    ['a list of lists', { aud: [['bff']] }, undefined, 'audience'],
    ['none', { aud: undefined, client_id: 'bff' }, undefined, 'audience'],
    ['none but the claim of the settings', { aud: undefined, client_id: 'bff' }, 'client_id', undefined],
    ['none but another in that claim', { aud: undefined, client_id: 'player' }, 'client_id', 'audience'],
    ['none, nor that claim', { aud: undefined }, 'client_id', 'audience'],
    ['another, whatever that claim says', { aud: 'elsewhere', client_id: 'bff' }, 'client_id', 'audience'],
    ['null, whatever that claim says', { aud: null, client_id: 'bff' }, 'client_id', 'audience'],
    ['none, where that claim is of the prototype', { aud: undefined }, 'constructor', 'audience'],
  ])('judges a token that names as audience %s', (_, claims, audienceClaim, expected) => {
    // As JSON has it: what is undefined is not there.
    const parsed = JSON.parse(JSON.stringify({ ...good, ...claims })) as Record<string, unknown>;
    const circumstances = { now, skew: 5, isAccessToken: false, audiences: issuer.audiences, audienceClaim };
    expect(accessClaimsFault(parsed, circumstances)).toBe(expected);
  });
});

describe('scopesOf', () => {
  it.each<[string, unknown, string[]]>([
    ['several spaces', ' a   playback ', ['a', 'playback']],
    ['a tab', 'a\tplayback', []],
    ['a line break', 'playback\n', []],
    ['a no-break space', 'a\u00A0playback', []],
    ['a quote', 'play"back playback', ['playback']],
    ['a NUL', 'playback\0', []],
    ['another case', 'Playback', ['Playback']],
    ['a list', ['playback', ['admin'], 7, '', 'a b'], ['playback']],
    ['an object', { playback: true }, []],
    ['a number', 1, []],
    ['true', true, []],
    ['null', null, []],
  ])('reads %s', (_, scope, expected) => {
    expect([...scopesOf({ scope }, ['scope'])]).toEqual(expected);
  });

  it('takes the first claim that is there, and no other', () => {
    const names = ['scope', 'scp', 'https://shop.example/roles'];
    expect([...scopesOf({ scp: 'playback', roles: ['admin'] }, names)]).toEqual(['playback']);
    expect([...scopesOf({ scope: null, scp: 'playback' }, names)]).toEqual([]);
    expect([...scopesOf({ 'https://shop.example/roles': ['playback'] }, names)]).toEqual(['playback']);
    expect([...scopesOf({}, ['toString'])]).toEqual([]);
  });
});
