// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

/**
 * What one run of one arm cost.
 *
 * @param perSecond requests in a second, all threads together
 * @param p99Micros the request that one in a hundred is slower than
 * @param cpuMicros of this process for one request
 * @param bytes allocated for one request
 */
record Cost(double perSecond, double p99Micros, double cpuMicros, double bytes) {}
