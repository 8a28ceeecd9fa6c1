//! Sends one mail with a file, and prints the most memory that it had resident meanwhile, in kB.
//!
//! `mail-memory gmail|outbox|eml|outbox-eml FILE FOLDER ENDPOINT`
//!
//! The message lives until the mail is sent, as it does in a short program. `mail-memory serve` is
//! the Gmail at the other end, in a process of its own so that its memory does not count: it prints
//! its endpoint, and ends with its standard input.

#![expect(clippy::unwrap_used, reason = "a bench whose input is wrong is to stop")]
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::{fs, io, path::Path};

use jada_benches::{MailParts, mailbox, peak_memory};
use jada_mail::{EmlFolder, Enqueued, Gmail, Mailer, Message, Outbox, Transport};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve"] => serve(),
        [way, file, folder, endpoint] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let message =
                MailParts::with_file(fs::read(file).unwrap()).message("statement-2026-05");
            runtime.unwrap().block_on(send(way, &message, Path::new(folder), endpoint));
            println!("{}", peak_memory());
        }
        _ => panic!("mail-memory serve, or a way, a file, a folder and an endpoint"),
    }
}

async fn send(way: &str, message: &Message, folder: &Path, endpoint: &str) {
    let gmail = Gmail::new(mailbox(endpoint));
    let eml = EmlFolder::new(folder.join("eml"));
    match way {
        "gmail" => drop(gmail.send(message).await.unwrap()),
        "eml" => drop(Mailer::send(&eml, message).await.unwrap()),
        "outbox" => drain(message, folder, &gmail).await,
        "outbox-eml" => drain(message, folder, &eml).await,
        _ => panic!("there is no way {way}"),
    }
}

async fn drain(message: &Message, folder: &Path, transport: &dyn Transport) {
    let outbox = Outbox::new(folder.join("outbox"));
    assert_eq!(outbox.enqueue(message).unwrap(), Enqueued::New);
    let drained = outbox.drain(transport).await.unwrap();
    assert_eq!(drained.sent, [message.idempotency_key().clone()]);
}

fn serve() {
    let gmail = jada_loopback_issuer::Gmail::start().unwrap();
    println!("{}", gmail.endpoint());
    io::copy(&mut io::stdin(), &mut io::sink()).unwrap();
}
