import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  getNamedType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
} from 'graphql';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../..', import.meta.url));
const schema = buildSchema(readFileSync(join(src, '../../schema.graphql'), 'utf8'));
const fragments = new Map<string, FragmentDefinitionNode>();

interface Operation {
  readonly name: string;
  readonly file: string;
  /** Customers and staff never share a cache: whoever signs in starts with an empty one. */
  readonly world: 'portal' | 'staff';
  readonly node: OperationDefinitionNode;
}

/** A connection an operation reads. */
interface List {
  readonly operation: Operation;
  readonly field: string;
  readonly node: FieldNode;
  readonly paged: boolean;
  /** The fields selected of its nodes, each with its path and arguments. */
  readonly selected: ReadonlySet<string>;
}

const operations = readOperations();
const lists = operations.flatMap(listsOf);

function readOperations(): Operation[] {
  const found: Operation[] = [];
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.includes('generated'),
  );
  for (const file of files) {
    for (const [, text] of readFileSync(join(src, file), 'utf8').matchAll(/\bgraphql\(\s*`([^`]*)`/g)) {
      for (const node of parse(text ?? '').definitions) {
        if (node.kind === 'FragmentDefinition') {
          if (fragments.has(node.name.value)) throw new Error(`two fragments are called ${node.name.value}`);
          fragments.set(node.name.value, node);
        }
        if (node.kind === 'OperationDefinition')
          found.push({
            name: node.name?.value ?? file,
            file,
            world: file.startsWith('staff') ? 'staff' : 'portal',
            node,
          });
      }
    }
  }
  return found;
}

/** Every field below a selection, with the type it is on; fragments are followed. */
function* fieldsOf(set: SelectionSetNode, type: string): Generator<{ node: FieldNode; on: string; type: string }> {
  for (const node of set.selections) {
    if (node.kind === 'Field') {
      const returned = typeOf(type, node.name.value);
      if (returned) yield { node, on: type, type: getNamedType(returned).name };
    } else if (node.kind === 'InlineFragment') {
      yield* fieldsOf(node.selectionSet, node.typeCondition?.name.value ?? type);
    } else {
      const fragment = fragments.get(node.name.value);
      if (!fragment) throw new Error(`no fragment is called ${node.name.value}`);
      yield* fieldsOf(fragment.selectionSet, fragment.typeCondition.name.value);
    }
  }
}

function typeOf(parent: string, field: string): GraphQLOutputType | undefined {
  const type = schema.getType(parent);
  return isObjectType(type) ? type.getFields()[field]?.type : undefined;
}

function rootOf({ node }: Operation): string {
  return { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[node.operation];
}

function listsOf(operation: Operation): List[] {
  const declares = operation.node.variableDefinitions?.some(({ variable }) => variable.name.value === 'after') ?? false;
  const found: List[] = [];
  const walk = (set: SelectionSetNode, type: string) => {
    for (const { node, on, type: returned } of fieldsOf(set, type)) {
      if (!node.selectionSet) continue;
      if (returned.endsWith('Connection'))
        found.push({
          operation,
          field: `${on}.${node.name.value}`,
          node,
          paged: declares && (node.arguments?.some(({ name }) => name.value === 'after') ?? false),
          selected: new Set(pathsOf(node.selectionSet, returned).filter((path) => path.startsWith('nodes.'))),
        });
      walk(node.selectionSet, returned);
    }
  };
  walk(operation.node.selectionSet, rootOf(operation));
  return found;
}

function pathsOf(set: SelectionSetNode, type: string, before = ''): string[] {
  return [...fieldsOf(set, type)].flatMap(({ node, type: returned }) => {
    const own = before + print({ ...node, selectionSet: undefined, alias: undefined });
    return node.selectionSet ? pathsOf(node.selectionSet, returned, `${own}.`) : [own];
  });
}

/** What a live event or a mutation says of the node that the cache then puts into lists. */
const PLACED = [
  {
    list: 'Query.bills',
    told: [
      ['billReceived', 'bill'],
      ['markBillsPaidElsewhere', 'bills'],
      ['undoPaidElsewhere', 'bills'],
    ],
  },
  { list: 'Query.notifications', told: [['notificationReceived', 'notification']] },
  {
    list: 'Query.payments',
    told: ['paymentUpdated', 'payBills', 'recharge', 'topUpWallet', 'retryPayment', 'cancelPayment'].map((field) => [
      field,
      'payment',
    ]),
  },
] as const;

describe('operations', () => {
  it('are found', () => {
    expect(operations.length).toBeGreaterThan(80);
    expect(lists.filter(({ paged }) => paged).length).toBeGreaterThan(15);
  });

  it('have names of their own, by which they are asked for again', () => {
    const names = operations.map(({ node, file }) => node.name?.value ?? file);
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
    expect(operations.filter(({ node }) => !node.name)).toEqual([]);
  });

  it('page through one list each', () => {
    for (const operation of operations) {
      const paged = lists.filter((list) => list.operation === operation && list.paged);
      expect(paged.length, operation.name).toBeLessThanOrEqual(1);
    }
  });

  it('take the size of a page and the cursor from variables where they page, and have the cursors', () => {
    for (const { operation, node, paged } of lists) {
      if (!paged) continue;
      const argument = (name: string) => node.arguments?.find((one) => one.name.value === name)?.value.kind;
      expect([argument('first'), argument('after')], operation.name).toEqual(['Variable', 'Variable']);
      expect(print(node), operation.name).toMatch(/pageInfo \{\s+hasNextPage\s+endCursor/);
    }
  });

  it('that page through the same list select the same of its nodes, so that their pages can be joined', () => {
    for (const list of lists) {
      const other = lists.find(
        (one) => one.paged && one.field === list.field && one.operation.world === list.operation.world,
      );
      if (!list.paged || !other || other === list) continue;
      expect(
        [...list.selected].sort(),
        `${list.operation.name} and ${other.operation.name} read ${list.field}`,
      ).toEqual([...other.selected].sort());
    }
  });

  it('that tell of a node say all that the lists into which it is put show of it', () => {
    for (const { list: field, told } of PLACED) {
      for (const list of lists.filter((one) => one.field === field && one.paged)) {
        for (const [name, child] of told) {
          for (const operation of operations.filter(({ world }) => world === list.operation.world)) {
            const said = toldBy(operation, name ?? '', child ?? '');
            if (!said) continue;
            const missing = [...list.selected].filter((path) => !said.has(path.slice('nodes.'.length)));
            expect(missing, `${operation.name} for ${list.operation.name}`).toEqual([]);
          }
        }
      }
    }
  });
});

function toldBy(operation: Operation, name: string, child: string): ReadonlySet<string> | undefined {
  for (const { node, type } of fieldsOf(operation.node.selectionSet, rootOf(operation))) {
    if (node.name.value !== name || !node.selectionSet) continue;
    for (const inner of fieldsOf(node.selectionSet, type)) {
      if (inner.node.name.value === child && inner.node.selectionSet)
        return new Set(pathsOf(inner.node.selectionSet, inner.type));
    }
  }
  return undefined;
}
