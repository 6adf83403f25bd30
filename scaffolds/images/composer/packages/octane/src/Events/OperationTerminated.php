<?php

namespace Laravel\Octane\Events;

/** The end of anything that ran on a clone of the application. */
interface OperationTerminated {}
