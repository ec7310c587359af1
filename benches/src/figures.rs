//! Figures that were taken several times.

/// The median of these, of which there is one at least.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// The median, the least and the most of these, of which there is one at least.
pub fn told(figures: &[f64], digits: usize) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "{:.digits$} ({least:.digits$} to {most:.digits$})",
        median(figures)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert!((median(&[9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 9.0, 2.0]) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn figures_are_told_with_the_least_and_the_most() {
        assert_eq!(told(&[9.0, 1.0, 2.0], 1), "2.0 (1.0 to 9.0)");
    }
}
