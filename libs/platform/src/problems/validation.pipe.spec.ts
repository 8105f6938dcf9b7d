import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { DomainError } from './problem.js';
import { validationPipe } from './validation.pipe.js';

class Inner {
  @IsInt()
  @Min(1)
  count!: number;
}

class Outer {
  @IsString()
  name!: string;

  @IsOptional()
  @IsBoolean()
  flag: boolean = false;

  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;
}

class Wider extends Outer {
  @IsInt()
  @Min(1)
  size!: number;
}

async function errorsFor(value: unknown, metatype = Outer): Promise<unknown> {
  try {
    await validationPipe().transform(value, { type: 'body', metatype });
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe('invalid-request');
    return (error as DomainError).extensions['errors'];
  }
  return undefined;
}

describe('validationPipe', () => {
  it('builds the class', async () => {
    const pipe = validationPipe();
    const value = await pipe.transform({ name: 'a', inner: { count: 1 } }, { type: 'body', metatype: Outer });
    expect(value).toBeInstanceOf(Outer);
    expect(value).toEqual({ name: 'a', flag: false, inner: { count: 1 } });
  });

  it('names nested and unknown fields by their path', async () => {
    expect(await errorsFor({ name: 'a', inner: { count: 0, extra: 1 }, more: 1 })).toEqual([
      { field: 'more', message: 'is not a known field' },
      { field: 'inner.extra', message: 'is not a known field' },
      { field: 'inner.count', message: 'must not be less than 1' },
    ]);
  });

  it('converts nothing by itself', async () => {
    expect(await errorsFor({ name: 7, flag: 'false', inner: { count: '1' } })).toEqual([
      { field: 'name', message: 'must be a string' },
      { field: 'flag', message: 'must be a boolean value' },
      { field: 'inner.count', message: 'must not be less than 1' },
      { field: 'inner.count', message: 'must be an integer number' },
    ]);
  });

  it('names the fields of a class after those of the class it extends', async () => {
    expect(await errorsFor({ size: 0, inner: { count: 1 }, more: 1 }, Wider)).toEqual([
      { field: 'more', message: 'is not a known field' },
      { field: 'name', message: 'must be a string' },
      { field: 'size', message: 'must not be less than 1' },
    ]);
  });

  it('shortens names that the caller made up', async () => {
    const errors = (await errorsFor({ name: 'a', inner: { count: 1 }, ['x'.repeat(1000)]: 1 })) as { field: string }[];
    expect(errors.map(({ field }) => field.length)).toEqual([100]);
  });

  it.each([[[]], ['text'], [7], [null], [undefined], [[{ name: 'a', inner: { count: 1 } }]]])(
    'refuses %j in place of an object',
    async (value) => {
      expect(await errorsFor(value)).toBeInstanceOf(Array);
    },
  );
});
