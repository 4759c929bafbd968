import { describe, expect, it } from 'vitest';
import { type ParamRule, paramInputs, paramProblem } from './params';

const rule: ParamRule = {
  name: 'consumer_number',
  label: 'Consumer number',
  pattern: '[0-9]{10}',
  minLength: 10,
  maxLength: 10,
  optional: false,
  example: '1000000001',
};

describe('paramProblem', () => {
  it('accepts what fits, with blanks around it', () => {
    expect(paramProblem(rule, ' 1000000001 ')).toBeUndefined();
  });

  it('asks for what is missing, unless it is optional', () => {
    expect(paramProblem(rule, '  ')).toEqual({ kind: 'required' });
    expect(paramProblem({ ...rule, optional: true }, '')).toBeUndefined();
  });

  it('says how long a value must be', () => {
    expect(paramProblem(rule, '12345')).toEqual({ kind: 'tooShort', min: 10 });
    expect(paramProblem(rule, '12345678901')).toEqual({ kind: 'tooLong', max: 10 });
  });

  it('counts characters, not code units', () => {
    expect(paramProblem({ ...rule, pattern: null, minLength: 2, maxLength: 2 }, '𝔸𝔹')).toBeUndefined();
  });

  it('wants the pattern to match the whole value', () => {
    expect(paramProblem({ ...rule, minLength: null, maxLength: null }, 'x1000000001')).toEqual({
      kind: 'pattern',
      example: '1000000001',
    });
    expect(paramProblem({ ...rule, pattern: 'A|B', minLength: 1, maxLength: 5 }, 'AB')).toMatchObject({
      kind: 'pattern',
    });
    expect(paramProblem({ ...rule, pattern: '^[0-9]{10}$' }, '1000000001')).toBeUndefined();
  });

  it('leaves a pattern that this browser cannot read to the server', () => {
    expect(paramProblem({ ...rule, pattern: '(?x)[0-9]+' }, '1000000001')).toBeUndefined();
  });
});

describe('paramInputs', () => {
  it('sends trimmed values and leaves out empty optional ones', () => {
    const rules = [rule, { ...rule, name: 'pin', optional: true }];
    expect(paramInputs(rules, { consumer_number: ' 1000000001 ', pin: ' ', other: 'x' })).toEqual([
      { name: 'consumer_number', value: '1000000001' },
    ]);
  });
});
