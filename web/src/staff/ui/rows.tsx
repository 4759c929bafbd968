import { Card, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './rows.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly cell: (row: Row) => ReactNode;
  readonly right?: boolean;
  readonly width?: number | string;
}

interface Props<Row> {
  /** The first one leads: on a phone it is the heading of the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly label: string;
  readonly bare?: boolean;
}

/** A table that becomes a list of labelled facts on a phone. The roles are spelled out because that layout loses them. */
export function Rows<Row>({ columns, rows, rowKey, label, bare = false }: Props<Row>) {
  const table = (
    <Table
      className={classes.table}
      verticalSpacing="sm"
      horizontalSpacing="md"
      role="table"
      aria-label={label}
      fz="sm"
    >
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map((column) => (
            <Table.Th
              key={column.key}
              role="columnheader"
              w={column.width}
              className={column.right ? `${classes.head} ${classes.right}` : classes.head}
            >
              {column.label}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">
        {rows.map((row) => (
          <Table.Tr key={rowKey(row)} role="row" className={classes.row}>
            {columns.map((column, position) => (
              <Table.Td
                key={column.key}
                role="cell"
                data-label={column.label}
                data-lead={position === 0 || undefined}
                className={column.right ? `${classes.cell} ${classes.right}` : classes.cell}
              >
                {column.cell(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
  return bare ? table : <Card className={classes.card}>{table}</Card>;
}

/** The class of the link that opens a row. */
export const opensRow = classes.open;
