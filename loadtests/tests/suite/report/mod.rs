//! What reports say of outcomes made by hand.

mod github;
mod hostile;
mod html;
mod json;
mod junit;
mod line;
mod pages;
mod terminal;
