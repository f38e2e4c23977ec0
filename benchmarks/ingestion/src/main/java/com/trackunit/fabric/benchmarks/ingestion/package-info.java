// SPDX-License-Identifier: Apache-2.0
/**
 * What a call to tu-ingestion-service costs through our client, beside bare OkHttp and Retrofit.
 */
@NullMarked
package com.trackunit.fabric.benchmarks.ingestion;

import org.jspecify.annotations.NullMarked;
