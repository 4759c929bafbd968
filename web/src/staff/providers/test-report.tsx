import { Accordion, Alert, Badge, Card, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { CodeBlock, pretty } from '../ui/code';
import { Problems } from '../ui/problems';
import { Outcome } from '../ui/statuses';
import { useDuration } from '../ui/when';
import { useWords } from '../words';

export const TestReportFragment = graphql(`
  fragment StaffTestReport on ProviderTestReport {
    outcome
    message
    warnings
    durationMs
    plans
    prepaid
    bills {
      number
      dueOn
      issuedOn
      problems
      raw
      amount { amountMinor currency }
      lines { label amount { amountMinor currency } }
    }
    exchanges {
      step
      requestLine
      requestHeaders { name value }
      requestBody
      status
      responseBody
      durationMs
      problem
    }
  }
`);

type Report = ResultOf<typeof TestReportFragment>;

/** What trying a provider came to: every request and answer, and the bills that would come of them. */
export function TestReport({ report: masked }: { readonly report: FragmentOf<typeof TestReportFragment> }) {
  const report = readFragment(TestReportFragment, masked);
  const t = useWords();
  const duration = useDuration();
  return (
    <Stack gap="lg" role="status">
      <Group gap="sm">
        <Outcome outcome={report.outcome} />
        <Text size="sm" c="dimmed">
          {t('tryOut.took', { time: duration(report.durationMs) })}
        </Text>
      </Group>
      {report.message ? (
        <Alert color={report.outcome === 'BROKEN' ? 'coral' : 'gray'} icon={<IconAlertTriangle size={20} />}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {report.message}
          </Text>
        </Alert>
      ) : null}
      {report.warnings.length > 0 ? (
        <Alert color="orange" icon={<IconAlertTriangle size={20} />} title={t('tryOut.warnings')}>
          {report.warnings.map((warning) => (
            <Text key={warning} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {warning}
            </Text>
          ))}
        </Alert>
      ) : null}
      <Stack gap="xs">
        <Title order={3}>{t('tryOut.exchanges')}</Title>
        {report.exchanges.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('tryOut.noExchanges')}
          </Text>
        ) : (
          <Accordion variant="separated" radius="md" multiple>
            {report.exchanges.map((exchange, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step can be repeated; its place in the report is its identity
              <ExchangeItem key={place} id={String(place)} exchange={exchange} />
            ))}
          </Accordion>
        )}
      </Stack>
      <Stack gap="xs">
        <Title order={3}>{t('tryOut.bills')}</Title>
        {report.bills.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('tryOut.noBills')}
          </Text>
        ) : (
          report.bills.map((bill) => <TestedBill key={bill.number} bill={bill} />)
        )}
      </Stack>
      {report.prepaid ? <CodeBlock label={t('tryOut.prepaid')} text={pretty(report.prepaid)} /> : null}
      {report.plans ? <CodeBlock label={t('tryOut.plans')} text={pretty(report.plans)} /> : null}
    </Stack>
  );
}

function ExchangeItem({ id, exchange }: { readonly id: string; readonly exchange: Report['exchanges'][number] }) {
  const t = useWords();
  const duration = useDuration();
  const color = exchange.status === null || exchange.problem ? 'coral' : exchange.status < 300 ? 'teal' : 'orange';
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <Group gap="sm" wrap="nowrap">
          <Badge color={color} variant="light" style={{ flexShrink: 0 }}>
            {exchange.status ?? t('tryOut.noAnswer')}
          </Badge>
          <Stack gap={0} style={{ minWidth: 0 }}>
            <Text size="sm" fw={600}>
              {exchange.step}
              <Text span c="dimmed" fw={400}>
                {' · '}
                {duration(exchange.durationMs)}
              </Text>
            </Text>
            <Text size="xs" ff="monospace" c="dimmed" truncate>
              {exchange.requestLine}
            </Text>
          </Stack>
        </Group>
        {exchange.problem ? (
          <Text size="sm" c="coral" mt={4} style={{ overflowWrap: 'anywhere' }}>
            {exchange.problem}
          </Text>
        ) : null}
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <CodeBlock label={t('tryOut.request')} text={exchange.requestLine} />
          {exchange.requestHeaders.length > 0 ? (
            <Table fz="xs" withRowBorders={false} verticalSpacing={2}>
              <Table.Tbody>
                {exchange.requestHeaders.map((header) => (
                  <Table.Tr key={header.name}>
                    <Table.Td w="35%" c="dimmed">
                      {header.name}
                    </Table.Td>
                    <Table.Td>
                      <Code style={{ overflowWrap: 'anywhere' }}>{header.value}</Code>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          ) : null}
          {exchange.requestBody ? <CodeBlock label={t('tryOut.body')} text={indented(exchange.requestBody)} /> : null}
          {exchange.responseBody ? (
            <CodeBlock label={t('tryOut.answer')} text={indented(exchange.responseBody)} maxHeight={420} />
          ) : (
            <Text size="sm" c="dimmed">
              {t('tryOut.answer')}: {t('tryOut.noBody')}
            </Text>
          )}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function TestedBill({ bill }: { readonly bill: Report['bills'][number] }) {
  const t = useWords();
  const format = useFormat();
  const taken = bill.problems.length === 0;
  return (
    <Card>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Stack gap={2}>
            <Text fw={600} size="sm">
              {bill.number}
            </Text>
            <Text size="xs" c="dimmed">
              {[
                bill.issuedOn ? t('tryOut.issued', { day: format.day(bill.issuedOn) }) : undefined,
                bill.dueOn ? t('tryOut.due', { day: format.day(bill.dueOn) }) : undefined,
              ]
                .filter(Boolean)
                .join(', ')}
            </Text>
          </Stack>
          <Stack gap={4} align="flex-end">
            {bill.amount ? <Amount money={bill.amount} fw={650} /> : null}
            <Badge
              variant="light"
              tt="none"
              color={taken ? 'teal' : 'coral'}
              leftSection={taken ? <IconCircleCheck size={13} /> : <IconAlertTriangle size={13} />}
            >
              {taken ? t('tryOut.wouldBeTaken') : t('tryOut.wouldBeRefused')}
            </Badge>
          </Stack>
        </Group>
        <Problems problems={bill.problems} />
        {bill.lines.map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: line items have no identity; their place on the bill is it
          <Group key={place} justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed">
              {line.label}
            </Text>
            {line.amount ? <Amount money={line.amount} size="sm" /> : null}
          </Group>
        ))}
        <Accordion
          variant="default"
          chevronPosition="left"
          styles={{ control: { paddingInline: 0 }, content: { paddingInline: 0 } }}
        >
          <Accordion.Item value="raw" style={{ border: 0 }}>
            <Accordion.Control>
              <Text size="xs" c="dimmed">
                {t('tryOut.raw')}
              </Text>
            </Accordion.Control>
            <Accordion.Panel>
              <CodeBlock text={pretty(bill.raw)} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}

/** JSON is indented to be read; what is none, or was cut, stays as it is. */
function indented(body: string): string {
  try {
    return pretty(JSON.parse(body));
  } catch {
    return body;
  }
}
