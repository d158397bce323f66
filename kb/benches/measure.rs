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
