//! What must hold in a contract beyond its form: names that exist, rules that can be met.

mod names;
mod relations;
mod rules;
mod values;

use super::load::Source;
use crate::yaml::Problem;

/// Everything wrong with `sources` as one contract, in the order of files and lines.
pub(super) fn problems(sources: &[Source]) -> Vec<Problem> {
    let mut problems = Vec::new();
    names::check(sources, &mut problems);
    for source in sources {
        rules::check(source, &mut problems);
        relations::check(source, &mut problems);
    }
    let order = |problem: &Problem| {
        let file = sources.iter().position(|source| source.name == problem.file);
        (file, problem.at)
    };
    problems.sort_by_key(order);
    problems
}
