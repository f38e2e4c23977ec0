// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

/**
 * What one run of an arm moves.
 *
 * @param topic source or sink
 * @param queue sink or source; a fanout exchange of its name leads to it
 * @param id no other run has it: for consumer groups and bridges
 */
public record Flow(Cell cell, String topic, String queue, String id) {}
