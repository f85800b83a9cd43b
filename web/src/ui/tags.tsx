/** The words that people put on something to find it again. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return <span className="block text-caption text-t3">{tags.join(' · ')}</span>;
}
