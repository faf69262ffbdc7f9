//! `show`: how everything is.

use serde_json::{Value, json};

use super::{Call, Command, Usage, nearest};
use crate::{
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
    },
    device::Status,
    settings::{Shown, Source},
};

/// What can be shown, beside settings.
const TOPICS: [&str; 8] = ["status", "health", "camera", "bundle", "records", "threads", "version", "settings"];

pub(super) const SHOW: Command = Command {
    name: "show",
    summary: "how everything is",
    usages: &[
        Usage { words: "status", role: Role::Operator, meaning: "state, fault, case, verdict time; also `show` alone" },
        Usage { words: "health", role: Role::Operator, meaning: "temperature, throttling, memory, storage" },
        Usage {
            words: "camera",
            role: Role::Operator,
            meaning: "format, rate, age of the newest frame, every control as asked and as it is",
        },
        Usage { words: "bundle", role: Role::Operator, meaning: "the model at work and its operating point" },
        Usage { words: "records", role: Role::Operator, meaning: "how many cases, and where" },
        Usage { words: "threads", role: Role::Operator, meaning: "progress and restarts of each thread" },
        Usage { words: "version", role: Role::Operator, meaning: "version of the program, and for how long it has been running" },
        Usage {
            words: "settings [KEY]",
            role: Role::Operator,
            meaning: "every setting that is not its default; with a key, its value and what it may hold; with a section such as `camera`, all of its keys",
        },
    ],
    notes: "",
    example: "show settings capture.hold_ms",
    run,
    complete,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    let (topic, rest) = match call.words.split_first() {
        None => ("status", [].as_slice()),
        Some((topic, rest)) => (*topic, rest),
    };
    let most = usize::from(topic == "settings");
    if rest.len() > most {
        return Err(SHOW.misused("there are too many words"));
    }
    let status = desk.link.status();
    match topic {
        "status" => Ok(overall(&status, call.role)),
        "health" => Ok(health(&status)),
        "camera" => Ok(camera(&status)),
        "bundle" => Ok(bundle(&status)),
        "records" => Ok(records(&status)),
        "threads" => Ok(threads(&status)),
        "version" => Ok(version(&status)),
        "settings" => settings(desk, rest.first().copied()),
        other => {
            let near = nearest(other, TOPICS.into_iter()).map_or(String::new(), |near| format!("Did you mean `show {near}`? "));
            Err(Complaint::new(format!("there is no {other} to show"), format!("{near}There are: {}.", TOPICS.join(", "))))
        }
    }
}

fn overall(status: &Status, role: Role) -> Reply {
    let mut reply = Reply::default().row("state", status.state);
    if let Some(trouble) = &status.fault {
        reply = reply.row("fault", &trouble.cause).row("what to do", &trouble.next_step).row("detail", &trouble.detail);
    }
    reply = reply.row("case", or_none(status.case));
    reply = reply.row("display", &status.display);
    reply = reply.row("camera", if status.camera.live { "live" } else { "gives no frames" });
    reply = reply.row("bundle", status.bundle.as_ref().map_or("none loaded".to_owned(), |id| format!("{} {}", id.name, id.version)));
    reply = reply.row("cases recorded", status.cases);
    if let Some(milliseconds) = status.last_verdict_ms {
        reply = reply.row("last verdict", format_args!("{milliseconds:.0} ms after the picture"));
    }
    if let Some(milliseconds) = status.light_to_glass_ms {
        reply = reply.row("light to glass", format_args!("{milliseconds:.0} ms"));
    }
    reply = reply.row("running for", duration(status.uptime_s)).row("you are", role.name());
    reply = reply.with_all(status).with("role", role);
    // What is known of the patient is asked for with `case show`, by name.
    reply.data.remove("context");
    reply
}

fn health(status: &Status) -> Reply {
    let health = &status.health;
    let bytes = |bytes: Option<u64>| bytes.map_or("not told".to_owned(), megabytes);
    let number = |number: Option<u32>| number.map_or("not told".to_owned(), |number| number.to_string());
    let throttled = match health.throttled {
        None => "not told",
        Some(true) => "yes: the processor is slowed down for heat or low voltage",
        Some(false) => "no",
    };
    Reply::default()
        .row("temperature", health.temperature_c.map_or("not told".to_owned(), |degrees| format!("{degrees:.1} C")))
        .row("throttled", throttled)
        .row("memory used", bytes(health.resident_bytes))
        .row("memory free", bytes(health.memory_free_bytes))
        .row("storage free", bytes(health.storage_free_bytes))
        .row("descriptors", number(health.descriptors))
        .row("threads", number(health.threads))
        .with_all(health)
}

fn camera(status: &Status) -> Reply {
    let camera = &status.camera;
    let mut reply = Reply::default()
        .row("camera", &camera.name)
        .row("live", if camera.live { "yes" } else { "no" })
        .row("frames", camera.frames)
        .row("rate", format_args!("{:.1} a second", camera.rate))
        .row("newest frame", camera.frame_age_ms.map_or("none yet".to_owned(), |age| format!("{age} ms old")))
        .row("opened anew", format_args!("{} times", camera.reopened));
    for control in &camera.controls {
        let found = control.found.as_deref().unwrap_or("the camera has no such control");
        reply = reply.row(control.name, format_args!("asked {}, is {found}", control.asked));
    }
    reply.with_all(camera)
}

fn bundle(status: &Status) -> Reply {
    let reply = match &status.bundle {
        None => Reply::default().line("No bundle is loaded."),
        Some(id) => Reply::default().row("bundle", &id.name).row("version", &id.version).row("manifest", &id.digest),
    };
    let reply = reply.row("operating point", status.operating_point.as_deref().unwrap_or("none"));
    reply.with("bundle", &status.bundle).with("operating_point", &status.operating_point)
}

fn records(status: &Status) -> Reply {
    let free = status.health.storage_free_bytes;
    Reply::default()
        .row("cases", status.cases)
        .row("folder", &status.records)
        .row("storage free", free.map_or("not told".to_owned(), megabytes))
        .with("cases", status.cases)
        .with("folder", &status.records)
        .with("storage_free_bytes", free)
}

fn threads(status: &Status) -> Reply {
    let mut reply = Reply::default();
    for thread in &status.threads {
        reply = reply.row(thread.name, format_args!("progress {} ms ago, started anew {} times", thread.age_ms, thread.restarts));
    }
    reply.with("threads", &status.threads)
}

fn version(status: &Status) -> Reply {
    Reply::default()
        .line(format!("lentigo {}", status.version))
        .row("running for", duration(status.uptime_s))
        .with("version", status.version)
        .with("uptime_s", status.uptime_s)
}

fn settings(desk: &Desk, key: Option<&str>) -> Result<Reply, Complaint> {
    let all = desk.settings.shown();
    let Some(key) = key else {
        let set: Vec<&Shown<'_>> = all.iter().filter(|shown| shown.source != Source::Default).collect();
        let reply = set.iter().fold(Reply::default(), |reply, shown| reply.line(told(shown)));
        return Ok(reply.with("settings", set.iter().map(|shown| data(shown)).collect::<Vec<_>>()));
    };
    let exact: Vec<&Shown<'_>> = all.iter().filter(|shown| shown.info.path == key).collect();
    if let Some(shown) = exact.iter().find(|shown| shown.legal).or(exact.first()) {
        let mut reply = Reply::default().line(told(shown)).line(format!("  {}", shown.info.meaning));
        reply = reply.line(format!("  It may hold {}.", shown.info.legal));
        if let Some(default) = &shown.info.default {
            reply = reply.line(format!("  Its default is {default}."));
        }
        if !shown.legal {
            reply = reply.line(format!("  It counts only with {}.", shown.info.variant));
        }
        return Ok(reply.with_all(data(shown)));
    }
    let section: Vec<&Shown<'_>> =
        all.iter().filter(|shown| shown.legal && shown.info.path.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'))).collect();
    if section.is_empty() {
        let near = desk.settings.nearest(key).map_or(String::new(), |near| format!("Did you mean {near}? "));
        return Err(Complaint::new(format!("{key} is not a key"), format!("{near}`show settings` lists those that are set.")));
    }
    let reply = section.iter().fold(Reply::default(), |reply, shown| reply.line(told(shown)));
    Ok(reply.with("settings", section.iter().map(|shown| data(shown)).collect::<Vec<_>>()))
}

fn told(shown: &Shown<'_>) -> String {
    let value = shown.value.as_deref().unwrap_or("not set");
    format!("{} = {value}  ({})", shown.info.path, source(shown.source))
}

fn data(shown: &Shown<'_>) -> Value {
    json!({
        "key": shown.info.path,
        "value": shown.value,
        "source": source(shown.source),
        "legal": shown.info.legal,
        "default": shown.info.default,
        "meaning": shown.info.meaning,
    })
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Default => "default",
        Source::BoardFile => "board file",
        Source::Committed => "committed",
        Source::Staged => "staged",
    }
}

fn complete(desk: &Desk, words: &[&str]) -> Vec<String> {
    if words != ["settings"] {
        return Vec::new();
    }
    let mut keys: Vec<String> =
        desk.settings.shown().into_iter().filter(|shown| shown.legal).map(|shown| shown.info.path.clone()).collect();
    let mut sections: Vec<String> = keys.iter().filter_map(|key| Some(key.split_once('.')?.0.to_owned())).collect();
    sections.dedup();
    keys.extend(sections);
    keys
}

fn or_none(number: Option<u64>) -> String {
    number.map_or("none".to_owned(), |number| number.to_string())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min {} s", seconds % 60),
        (0, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
