//! Functions and their environments as the window shows them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::service::configuration::{FunctionConfiguration, MappingConfiguration};
use crate::service::ids::{FunctionName, RequestId};
use crate::service::input::LogLine;
use crate::service::time::Timestamp;

/// Lines of a function's live log that are kept.
const LOG_KEPT: usize = 2_000;

#[derive(Clone, Debug, Default)]
pub struct Function {
    pub configuration: Option<Arc<FunctionConfiguration>>,
    pub invocations: u64,
    pub errors: u64,
    pub throttles: u64,
    /// The last attempt that ended.
    pub last: Option<RequestId>,
    pub log: VecDeque<LogLine>,
    pub mappings: Vec<MappingConfiguration>,
}

impl Function {
    pub(super) fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            if self.log.len() == LOG_KEPT {
                self.log.pop_front();
            }
            self.log.push_back(line.clone());
        }
    }
}

#[derive(Clone, Debug)]
pub struct Environment {
    pub function: FunctionName,
    pub number: u32,
    pub started: Timestamp,
    pub ready: bool,
    pub running: Option<RequestId>,
}
