import { options } from './options.js';

const EN = {
  account: 'Google Account', inbox: 'Inbox', sentMail: 'Sent', drafts: 'Drafts', search: 'Search results', compose: 'Compose',
  newMessage: 'New Message', body: 'Message Body', subject: 'Subject', to: 'To', cc: 'Cc', bcc: 'Bcc', recipients: 'recipients',
  send: 'Send', sendTip: 'Send \u202a(Ctrl-Enter)\u202c', sendArchive: 'Send + Archive', more: 'More send options', schedule: 'Schedule send',
  tomorrow: 'Tomorrow morning', monday: 'Monday morning', pick: 'Pick date & time', format: 'Formatting options', attach: 'Attach files', confidential: 'Toggle confidential mode', popOutReply: 'Pop out reply',
  options: 'More options', plainMode: 'Plain text mode', plainNow: 'Currently in plain text mode.', rich: 'Switch to rich text.',
  discard: 'Discard draft \u202a(Ctrl-Shift-D)\u202c', minimize: 'Minimize', full: 'Full screen (Shift for pop-out)', close: 'Save & close',
  quote: 'Show trimmed content', reply: 'Reply', replyAll: 'Reply all', forward: 'Forward', response: 'Type of response',
  sending: 'Sending...', sent: 'Message sent', undo: 'Undo', view: 'View message', undone: 'Sending undone.', scheduled: 'Send scheduled.',
  discarded: 'Draft discarded.', failed: 'Could not send. Trying again...', noRecipient: 'Please specify at least one recipient.',
  badAddress: 'The address was not recognized. Please fix it.', forgotten: 'You mention an attachment, but there is none. Send anyway?',
  cancelSend: 'Cancel send', cancelled: 'Send canceled.', scheduledFor: 'Send scheduled for', remove: 'Delete', binned: 'Conversation moved to Trash.', archived: 'Conversation archived.',
  ok: 'OK', cancel: 'Cancel', draft: 'Draft', noSubject: '(no subject)', wrote: 'wrote:', archive: 'Archive', attachWord: 'attached',
  clipped: '[Message clipped]', entire: 'View entire message',
};
const JA = {
  account: 'Google アカウント', inbox: '受信トレイ', sentMail: '送信済み', drafts: '下書き', search: '検索結果', compose: '作成',
  newMessage: '新規メッセージ', body: 'メッセージ本文', subject: '件名', to: 'To', recipients: '宛先', send: '送信',
  sendTip: '送信 \u202a(Ctrl-Enter)\u202c', sendArchive: '送信してアーカイブ', more: 'その他の送信オプション', schedule: '送信日時を設定',
  discard: '下書きを破棄', reply: '返信', replyAll: '全員に返信', forward: '転送', sending: '送信中...', sent: 'メッセージを送信しました',
  cancelSend: '送信をキャンセル', cancelled: '送信をキャンセルしました。',
  undo: '元に戻す', view: 'メッセージを表示', noRecipient: '宛先を 1 つ以上指定してください。', draft: '下書き', cancel: 'キャンセル', attachWord: '添付',
};
const ES = {
  account: 'Cuenta de Google', inbox: 'Recibidos', sentMail: 'Enviados', drafts: 'Borradores', search: 'Resultados', compose: 'Redactar',
  newMessage: 'Mensaje nuevo', body: 'Cuerpo del mensaje', subject: 'Asunto', to: 'Para', recipients: 'destinatarios', send: 'Enviar',
  sendTip: 'Enviar \u202a(Ctrl-Enter)\u202c', sendArchive: 'Enviar y archivar', more: 'Más opciones de envío', schedule: 'Programar envío',
  discard: 'Descartar borrador', reply: 'Responder', replyAll: 'Responder a todos', forward: 'Reenviar', sending: 'Enviando...',
  sent: 'Mensaje enviado', undo: 'Deshacer', view: 'Ver mensaje', noRecipient: 'Indica al menos un destinatario.', draft: 'Borrador',
  cancel: 'Cancelar', attachWord: 'adjunto',
};
const AR = {
  account: 'حساب Google', inbox: 'البريد الوارد', sentMail: 'المرسلة', drafts: 'المسودات', search: 'نتائج البحث', compose: 'إنشاء',
  newMessage: 'رسالة جديدة', body: 'نص الرسالة', subject: 'الموضوع', to: 'إلى', recipients: 'المستلمون', send: 'إرسال',
  sendTip: 'إرسال \u202a(Ctrl-Enter)\u202c', sendArchive: 'إرسال وأرشفة', more: 'خيارات إرسال أخرى', schedule: 'جدولة الإرسال',
  discard: 'تجاهل المسودة', reply: 'رد', replyAll: 'رد على الكل', forward: 'إعادة توجيه', sending: 'جارٍ الإرسال...', sent: 'تم إرسال الرسالة',
  undo: 'تراجع', view: 'عرض الرسالة', noRecipient: 'يُرجى تحديد مستلم واحد على الأقل.', draft: 'مسودة', cancel: 'إلغاء', attachWord: 'مرفق',
};

/** The words of the page's language; English where the stage knows none. */
export const words = { ...EN, ...{ ja: JA, es: ES, ar: AR }[options.lang] };

/** A point in time as the lists and messages show it. */
export const moment = (time) => new Date(time).toLocaleString(options.lang, { dateStyle: 'medium', timeStyle: 'short' });
