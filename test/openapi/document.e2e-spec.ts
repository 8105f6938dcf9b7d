import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProblemCode, PROBLEMS } from '@app/platform/problems';
import { TestService } from '../support/test-service.js';

interface Operation {
  operationId: string;
  security: Record<string, string[]>[];
  responses: Record<string, { $ref: string }>;
}
interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: { Problem: { properties: { code: { enum: string[] }; reason: { enum: string[] } } } };
    examples: Record<string, { value: { code: string; status: number; title: string } }>;
    responses: Record<string, { content: Record<string, { examples: Record<string, unknown> }> }>;
  };
}

const CHECKED_IN = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;

describe('the document', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('that the service serves is the one that is checked in, but for where the service is', async () => {
    const answer = await service.http().get('/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(answer.body).toEqual({
      ...CHECKED_IN,
      servers: [expect.objectContaining({ url: '/' })],
    });
  });

  it('is OpenAPI 3.1, without what 3.0 alone has', () => {
    expect(CHECKED_IN.openapi).toMatch(/^3\.1\./);
    expect(JSON.stringify(CHECKED_IN)).not.toMatch(/"nullable"|"exclusiveM(?:in|ax)imum":(?:true|false)/);
  });

  it('names every problem code there is, each with an example of the right status', () => {
    const { schemas, examples } = CHECKED_IN.components;
    const codes = Object.keys(PROBLEMS) as ProblemCode[];
    expect(schemas.Problem.properties.code.enum.toSorted()).toEqual(codes.toSorted());
    for (const code of codes) expect(examples[code]?.value).toMatchObject({ code, ...PROBLEMS[code] });
  });

  it("gives each operation's problems under their own status", () => {
    const { responses } = CHECKED_IN.components;
    for (const operation of Object.values(CHECKED_IN.paths).flatMap(operationsOf)) {
      for (const [status, { $ref: reference }] of Object.entries(operation.responses)) {
        if (reference === undefined) continue;
        const answer = responses[reference.split('/').at(-1) ?? ''];
        const codes = Object.keys(answer?.content['application/problem+json']?.examples ?? {}) as ProblemCode[];
        expect(codes).not.toEqual([]);
        for (const code of codes)
          expect([operation.operationId, code, PROBLEMS[code].status]).toEqual([
            operation.operationId,
            code,
            Number(status),
          ]);
      }
    }
  });

  it('says which scope each operation needs', () => {
    const scopes = Object.values(CHECKED_IN.paths)
      .flatMap(operationsOf)
      .map(({ operationId, security }) => [operationId, security.flatMap(({ bearer }) => bearer ?? []).join()]);
    expect(Object.fromEntries(scopes)).toMatchObject({
      issueLicenseToken: 'playback',
      listEntitlements: 'playback',
      putContent: 'catalog:write',
      importPurchases: 'purchases:write',
      listIssuances: 'ledger:read',
      getReadiness: '',
    });
  });
});

describe('with a management port', () => {
  it('the page is there alone, calls the public port, and has no other file than its own', async () => {
    const service = await TestService.start({ environment: { MANAGEMENT_PORT: '0' } });
    expect((await fetch(`${service.url}/docs`)).status).toBe(404);
    expect((await fetch(`${service.url}/openapi.json`)).status).toBe(404);

    const page = await fetch(`${service.managementUrl}/docs`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${service.url}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    const document = (await (await fetch(`${service.managementUrl}/openapi.json`)).json()) as Document;
    expect(document.servers).toEqual([expect.objectContaining({ url: service.url })]);
    for (const name of ['package.json', '..%2fpackage.json', 'swagger-ui-bundle.js.map', 'index.html']) {
      expect([name, (await fetch(`${service.managementUrl}/docs/${name}`)).status]).toEqual([name, 404]);
    }
    await service.stop();
  });
});

function operationsOf(item: Record<string, Operation>): Operation[] {
  return Object.entries(item).flatMap(([method, operation]) => (method === 'servers' ? [] : [operation]));
}
