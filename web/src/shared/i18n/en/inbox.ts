export const inbox = {
  title: 'Inbox',
  unread: 'unread',
  unreadOnly: 'Unread',
  everything: 'All',
  markAll: 'Mark all as read',
  emptyTitle: 'Nothing to read',
  empty: 'When a bill arrives or is due soon, you will find it here.',
  emptyUnreadTitle: 'All read',
  settings: 'Notification settings',
} as const;
