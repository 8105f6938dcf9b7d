// Lints the API's document, examples included, with Redocly's strict rules.
import { createConfig, lintFromString, type NormalizedProblem } from '@redocly/openapi-core';

/** Rules other than the strict set has them, each with its reason. */
const RULES = {
  // Beyond the set: every operation says what it does, and every parameter what it is.
  'operation-description': 'error',
  'parameter-description': 'error',
  'operation-tag-defined': 'error',
  'operation-singular-tag': 'error',
  'paths-kebab-case': 'error',
  // What an address answers to a method that it does not take belongs to no operation, but clients have to know it. Other
  // components cannot be left over: they are collected from what refers to them.
  'no-unused-components': 'off',
  // The checked-in document is for `npm run stack`; a service that runs puts its own address in.
  'no-server-example.com': 'off',
} as const;

/** What is wrong with a document, one line for each finding. */
export async function lintDocument(source: string, name: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'], rules: RULES });
  const findings = await lintFromString({ source, absoluteRef: name, config });
  return findings.map((finding) => `${placeOf(finding)}: ${finding.message} (${finding.ruleId})`);
}

function placeOf({ location: [location] }: NormalizedProblem): string {
  return location?.pointer ?? '#';
}
