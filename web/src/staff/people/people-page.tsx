import { Badge, Button, Select, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { fieldErrors } from '@/shared/graphql/errors';
import { type Enum, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { useAction } from '@/shared/ui/mutation';
import { PasswordInput } from '@/shared/ui/password-input';
import { AdminList } from '../ui/admin-list';
import { ask } from '../ui/ask';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { useIsAdmin } from '../ui/role';
import { type Column, Rows } from '../ui/rows';
import { useWords } from '../words';

const PersonFragment = graphql(`
  fragment StaffPerson on User {
    id
    email
    role
    createdAt
    disabledAt
    hasSecondFactor
  }
`);

const PeopleQuery = graphql(
  `
    query StaffPeople {
      staff { id ...StaffPerson }
    }
  `,
  [PersonFragment],
);

const CreatePerson = graphql(`
  mutation StaffCreatePerson($input: CreateStaffUserInput!) {
    createStaffUser(input: $input) {
      user { id }
      userErrors { code message path }
    }
  }
`);

const DisablePerson = graphql(`
  mutation StaffDisablePerson($input: DisableUserInput!) {
    disableUser(input: $input) {
      user { id disabledAt }
      userErrors { code message path }
    }
  }
`);

const SendReset = graphql(`
  mutation StaffSendStaffReset($input: SendPasswordResetInput!) {
    sendPasswordReset(input: $input) {
      user { id }
      userErrors { code message path }
    }
  }
`);

const ResetSecondFactor = graphql(`
  mutation StaffResetSecondFactor($input: ResetSecondFactorInput!) {
    resetSecondFactor(input: $input) {
      user { id hasSecondFactor }
      userErrors { code message path }
    }
  }
`);

type Person = ResultOf<typeof PersonFragment>;

export function PeoplePage() {
  const t = useWords();
  const admin = useIsAdmin();
  const [result, execute] = useQuery({ query: PeopleQuery, pause: !admin });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  return (
    <AdminList
      title={t('people.title')}
      lead={t('people.lead')}
      width={1000}
      result={result}
      data={result.data}
      onRetry={refresh}
      add={{
        label: t('people.add'),
        icon: <IconUserPlus size={18} />,
        form: (close) => (
          <PersonForm
            onClose={close}
            onCreated={() => {
              close();
              refresh();
              notifications.show({ color: 'teal', message: t('people.created') });
            }}
          />
        ),
      }}
    >
      {({ staff }) => <People people={readFragment(PersonFragment, staff)} />}
    </AdminList>
  );
}

function People({ people }: { readonly people: readonly Person[] }) {
  const t = useWords();
  const format = useFormat();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const [disable] = useAction(DisablePerson);
  const [sendReset] = useAction(SendReset);
  const [takeFactor] = useAction(ResetSecondFactor);
  const self = data?.viewer?.user?.id;
  const columns: Column<Person>[] = [
    {
      key: 'email',
      label: t('people.email'),
      cell: ({ id, email }) => (
        <Text size="sm" fw={600}>
          {email}
          {id === self ? (
            <Text span size="xs" c="dimmed">
              {' '}
              ({t('people.you')})
            </Text>
          ) : null}
        </Text>
      ),
    },
    { key: 'role', label: t('people.role'), cell: ({ role }) => t(`enums.role.${role}`) },
    {
      key: 'since',
      label: t('people.since'),
      cell: ({ createdAt }) => format.instant(createdAt, { dateStyle: 'medium' }),
    },
    {
      key: 'status',
      label: t('people.status'),
      cell: ({ disabledAt }) => (
        <Badge variant="light" tt="none" color={disabledAt ? 'gray' : 'teal'}>
          {disabledAt ? t('people.disabled') : t('people.active')}
        </Badge>
      ),
    },
    {
      key: 'factor',
      label: t('people.secondFactor'),
      cell: ({ hasSecondFactor }) => (
        <Badge variant="light" tt="none" color={hasSecondFactor ? 'teal' : 'orange'}>
          {hasSecondFactor ? t('people.factorSetUp') : t('people.factorMissing')}
        </Badge>
      ),
    },
    {
      key: 'reset',
      label: t('people.reset'),
      right: true,
      cell: ({ id, email, disabledAt }) =>
        disabledAt || id === self ? null : (
          <Button
            size="xs"
            variant="light"
            onClick={() =>
              ask({
                title: t('people.resetTitle', { email }),
                body: t('people.resetBody'),
                confirm: t('people.resetSend'),
                done: t('people.resetDone'),
                run: () => sendReset({ input: { userId: id } }),
              })
            }
          >
            {t('people.reset')}
          </Button>
        ),
    },
    {
      key: 'factor-reset',
      label: t('people.factorReset'),
      right: true,
      cell: ({ id, email, disabledAt, hasSecondFactor }) =>
        disabledAt || id === self || !hasSecondFactor ? null : (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              ask({
                title: t('people.factorTitle', { email }),
                body: t('people.factorBody'),
                confirm: t('people.factorReset'),
                danger: true,
                reason: 'required',
                done: t('people.factorDone'),
                run: (reason) => takeFactor({ input: { owner: { userId: id }, reason } }),
              })
            }
          >
            {t('people.factorReset')}
          </Button>
        ),
    },
    {
      key: 'disable',
      label: t('people.disable'),
      right: true,
      cell: ({ id, email, disabledAt }) =>
        disabledAt || id === self ? null : (
          <Button
            size="xs"
            variant="light"
            color="coral"
            onClick={() =>
              ask({
                title: t('people.disableTitle', { email }),
                body: t('people.disableBody'),
                confirm: t('people.disable'),
                danger: true,
                done: t('people.disabledDone'),
                run: () => disable({ input: { userId: id } }),
              })
            }
          >
            {t('people.disable')}
          </Button>
        ),
    },
  ];
  return <Rows columns={columns} rows={people} rowKey={({ id }) => id} label={t('people.title')} />;
}

function PersonForm({ onClose, onCreated }: { readonly onClose: () => void; readonly onCreated: () => void }) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [create, busy] = useAction(CreatePerson);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', role: 'OPERATOR' as Enum<'Role'>, password: '' },
    validate: { email: isEmail(common('errors.email')), password: isNotEmpty(common('errors.required')) },
  });
  const submit = form.onSubmit(async (values) => {
    const { payload, userErrors } = await create({ input: { ...values, email: values.email.trim() } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['email', 'role', 'password']);
    form.setErrors(fields);
    setProblems(rest);
    if (payload.user && userErrors.length === 0) onCreated();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <TextInput
          label={t('people.email')}
          type="email"
          required
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Select
          label={t('people.role')}
          size="md"
          allowDeselect={false}
          key={form.key('role')}
          {...form.getInputProps('role')}
          data={(['OPERATOR', 'ADMIN'] as const).map((value) => ({ value, label: t(`enums.role.${value}`) }))}
        />
        <PasswordInput
          label={t('people.password')}
          description={t('people.passwordHint')}
          autoComplete="new-password"
          required
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <DialogButtons onClose={onClose} busy={busy}>
          {t('people.create')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
