// The routes that an application has, as its router prints them.
import type { FastifyInstance } from 'fastify';
import type { TestService } from '../../support/test-service.js';

const LINE = /^([│├└─ ]*)(\S*) \(([A-Z, ]+)\)$/;
const INDENT = 4;

/** Methods by pattern, such as `GET` and `HEAD` by `/v1/entitlements/:contentId`. */
export function routesOf({ app }: TestService): Map<string, string[]> {
  const instance: FastifyInstance = app.getHttpAdapter().getInstance();
  const routes = new Map<string, string[]>();
  const path: string[] = [];
  for (const line of instance.printRoutes({ commonPrefix: false }).trimEnd().split('\n')) {
    const [, indent = '', part = '', methods = ''] = LINE.exec(line) ?? [];
    if (part === '') throw new Error(`not a route: ${line}`);
    path.splice(indent.length / INDENT - 1, Infinity, part);
    const pattern = path.join('');
    for (const method of methods.split(', ')) {
      if (!instance.hasRoute({ url: pattern, method: method })) throw new Error(`no route: ${line}`);
    }
    routes.set(pattern, methods.split(', '));
  }
  return routes;
}
