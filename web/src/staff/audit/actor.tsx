import { SubjectLink } from '../ui/subject-link';
import { useWords } from '../words';

interface Props {
  readonly id: string | null;
  /** The name the server has for the id; the id itself where nobody is known by it any more. */
  readonly name: string | null;
}

/** Who did something, by name. */
export function Actor({ id, name }: Props) {
  const t = useWords();
  if (id === null || id === 'system') return t('system');
  return name !== null && name !== id ? name : <SubjectLink id={id} />;
}
