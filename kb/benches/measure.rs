//! Measures.
fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    match args[0].as_str() {
        "eval" => {
            for folder in &args[1..] {
                let t = std::time::Instant::now();
                let s = firstmate_kb::evaluate::Set::read(std::path::Path::new(folder))
                    .unwrap()
                    .score()
                    .unwrap();
                println!("{folder}: {s:.3?} {:?}", t.elapsed());
            }
        }
        "judge" => {
            let sources = args[1]
                .split(',')
                .map(|p| match p.strip_prefix('@') {
                    None => firstmate_kb::Source::Folder {
                        path: p.into(),
                        link: None,
                    },
                    Some(p) => {
                        let mut files = vec![];
                        for l in ["zh", "en"] {
                            for f in std::fs::read_dir(format!("{p}/{l}")).unwrap() {
                                let f = f.unwrap();
                                files.push((
                                    format!("{l}/{}", f.file_name().to_string_lossy()),
                                    std::fs::read_to_string(f.path()).unwrap(),
                                ));
                            }
                        }
                        files.sort();
                        firstmate_kb::Source::Bundled { files, link: None }
                    }
                })
                .collect();
            let lib = firstmate_kb::Library::open(firstmate_kb::Settings {
                sources,
                index_dir: None,
            })
            .unwrap();
            println!("{:?} {:?}", lib.stats(), lib.faults());
            let mut c = std::collections::BTreeMap::new();
            for case in firstmate_kb::evaluate::cases(&std::fs::read_to_string(&args[2]).unwrap()) {
                let j = firstmate_kb::evaluate::judge(&lib, &case);
                let kind = if case.right.is_empty() { "off" } else { "on" };
                *c.entry((kind, format!("{j:?}"))).or_insert(0) += 1;
                use firstmate_kb::evaluate::Judged::*;
                if args.get(3).is_some() {
                    println!(
                        "D\t{}\t{}\t{}",
                        case.question,
                        {
                            let o = lib.ask(&case.question, firstmate_kb::Lang::Zh);
                            let _ = o;
                            firstmate_kb::evaluate::top_is_right(&lib, &case)
                        } as u8,
                        lib.explain(&case.question).lines().next().unwrap()
                    );
                }
                if !matches!(j, Right | RightlyNot) {
                    let lang = firstmate_kb::Lang::of_text(&case.question).unwrap_or(firstmate_kb::Lang::Zh);
                    let o = match lib.ask(&case.question, lang) {
                        firstmate_kb::Outcome::Answer(a) => format!(
                            "{:?} {} > {:?}",
                            a.confidence, a.question.title, a.question.sections[a.section].path
                        ),
                        firstmate_kb::Outcome::DidYouMean(v) => format!(
                            "dym {:?}",
                            v.iter()
                                .map(|n| format!("{} {}", n.title, n.score))
                                .collect::<Vec<_>>()
                        ),
                        firstmate_kb::Outcome::NotKnown(v) => format!(
                            "not {:?}",
                            v.iter()
                                .map(|n| format!("{} {}", n.title, n.score))
                                .collect::<Vec<_>>()
                        ),
                    };
                    println!(
                        "{j:?}: {} [{}] -> {o}\n      {}",
                        case.question,
                        case.right.join("|"),
                        lib.explain(&case.question)
                    );
                }
            }
            println!("{c:?}");
        }
        _ => {
            let sources = args[1]
                .split(',')
                .map(|p| firstmate_kb::Source::Folder {
                    path: p.into(),
                    link: None,
                })
                .collect();
            let lib = firstmate_kb::Library::open(firstmate_kb::Settings {
                sources,
                index_dir: None,
            })
            .unwrap();
            println!("{:?} {:?}", lib.stats(), lib.faults());
            for q in &args[2..] {
                let lang = firstmate_kb::Lang::of_text(q).unwrap_or(firstmate_kb::Lang::Zh);
                match lib.ask(q, lang) {
                    firstmate_kb::Outcome::Answer(a) => println!(
                        "{q}\n   {:?} {} > {:?} ({})",
                        a.confidence, a.question.title, a.question.sections[a.section].path, a.question.file
                    ),
                    other => println!("{q}\n   {other:?}"),
                }
            }
        }
    }
}
