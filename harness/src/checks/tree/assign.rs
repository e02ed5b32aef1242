//! The cheapest pairing of rows with columns.

/// Gives every row a column of its own so that the sum of costs is least: the Hungarian method, O(rows² × columns).
/// There must be at least as many columns as rows.
pub(super) fn cheapest(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> i64) -> Vec<usize> {
    // Potentials and pairings are counted from 1; 0 stands for "none yet".
    let mut row_potential = vec![0_i64; rows + 1];
    let mut column_potential = vec![0_i64; columns + 1];
    let mut row_of = vec![0_usize; columns + 1];
    let mut came_from = vec![0_usize; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        let mut slack = vec![i64::MAX; columns + 1];
        let mut done = vec![false; columns + 1];
        while row_of[column] != 0 {
            done[column] = true;
            let current = row_of[column];
            let (mut step, mut next) = (i64::MAX, 0);
            for other in (1..=columns).filter(|other| !done[*other]) {
                let reduced = cost(current - 1, other - 1) - row_potential[current] - column_potential[other];
                if reduced < slack[other] {
                    slack[other] = reduced;
                    came_from[other] = column;
                }
                if slack[other] < step {
                    (step, next) = (slack[other], other);
                }
            }
            for other in 0..=columns {
                if done[other] {
                    row_potential[row_of[other]] += step;
                    column_potential[other] -= step;
                } else if slack[other] < i64::MAX {
                    slack[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[came_from[column]];
            column = came_from[column];
        }
    }
    let mut paired = vec![0; rows];
    for (column, row) in row_of.iter().enumerate().skip(1).filter(|(_, row)| **row != 0) {
        paired[row - 1] = column - 1;
    }
    paired
}

#[cfg(test)]
mod tests {
    use super::cheapest;

    #[test]
    fn the_sum_is_least_and_not_each_cost() {
        let costs = [[1, 1], [1, 5]];

        assert_eq!(cheapest(2, 2, |row, column| costs[row][column]), [1, 0]);
    }

    #[test]
    fn spare_columns_stay_free() {
        let costs = [[9, 2, 7], [9, 1, 3]];

        assert_eq!(cheapest(2, 3, |row, column| costs[row][column]), [1, 2]);
    }
}
