//! basics: see ../../../README.md. It uses the standard library alone.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Write};
use std::process::exit;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let args: Vec<String> = env::args().collect();
    let arg = |i: usize| args.get(i).map_or("", |s| s.as_str());
    let done = match arg(1) {
        "args" => {
            for a in &args[2..] {
                println!("[{a}]");
            }
            Ok(())
        }
        "env" => {
            println!("{}", env::var(arg(2)).unwrap_or("(unset)".into()));
            Ok(())
        }
        "stderr" => {
            eprintln!("{}", arg(2));
            Ok(())
        }
        "exit" => exit(arg(2).parse().unwrap()),
        "cat" => cat(),
        "read" => show(arg(2)),
        "write" => fs::write(arg(2), arg(3)),
        "list" => list(arg(2)),
        "files" => files(),
        "clocks" => clocks(),
        "random" => random(),
        _ => {
            eprintln!("usage: basics args|env|stderr|exit|cat|read|write|list|files|clocks|random");
            exit(2)
        }
    };
    if let Err(e) = done {
        eprintln!("{}: {e}", arg(1));
        exit(1)
    }
}

fn cat() -> io::Result<()> {
    let mut line = String::new();
    let mut stdin = io::stdin().lock();
    while stdin.read_line(&mut line)? > 0 {
        print!("{line}");
        io::stdout().flush()?;
        line.clear();
    }
    Ok(())
}

fn show(path: &str) -> io::Result<()> {
    io::stdout().write_all(&fs::read(path)?)
}

fn list(path: &str) -> io::Result<()> {
    let mut names = Vec::new();
    for e in fs::read_dir(path)? {
        let e = e?;
        let slash = if e.file_type()?.is_dir() { "/" } else { "" };
        names.push(format!("{}{slash}", e.file_name().to_string_lossy()));
    }
    names.sort();
    for n in names {
        println!("{n}");
    }
    Ok(())
}

fn files() -> io::Result<()> {
    fs::create_dir("/data/sub")?;
    fs::write("/data/a.txt", "hello")?;
    let mut f = fs::OpenOptions::new().append(true).open("/data/a.txt")?;
    f.write_all(b" again")?;
    drop(f);
    show("/data/a.txt")?;
    println!("\n{} bytes", fs::metadata("/data/a.txt")?.len());
    list("/data")?;
    fs::rename("/data/a.txt", "/data/sub/b.txt")?;
    list("/data/sub")?;
    fs::remove_file("/data/sub/b.txt")?;
    fs::remove_dir("/data/sub")?;
    println!("{}", if fs::metadata("/data/sub").is_err() { "gone" } else { "still there" });
    Ok(())
}

fn clocks() -> io::Result<()> {
    let began = Instant::now();
    sleep(Duration::from_millis(20));
    let slept = began.elapsed();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    if slept < Duration::from_millis(20) || slept > Duration::from_secs(10) || now < 1704067200 {
        println!("slept {slept:?}, and it is {now}");
        exit(1)
    }
    println!("ok");
    Ok(())
}

// Keys of hash maps are the standard library's only random numbers. Those of one thread
// follow from each other, so only that there are keys can be asked.
fn random() -> io::Result<()> {
    let key = || RandomState::new().build_hasher().finish();
    println!("{}", if key() != key() { "ok" } else { "not random" });
    Ok(())
}
